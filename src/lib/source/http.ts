import { InputError, systemErrorCode } from '../errors.ts';
import { samplesIn } from './bytes.ts';
import type { Source } from './source.ts';

const CONNECT_TIMEOUT_MS = 10_000;

/** @param url http or https; the body is one snapshot or a stream of one per line, however long it lasts */
export function httpSource(url: URL): Source {
  const name = `${url.origin}${url.pathname}`;
  return { name, read: (signal) => samplesIn(body(url, name, signal), name) };
}

async function* body(url: URL, name: string, signal?: AbortSignal): AsyncGenerator<Buffer> {
  const controller = new AbortController();
  const abort = () => controller.abort();
  signal?.addEventListener('abort', abort, { once: true });
  const timer = setTimeout(abort, CONNECT_TIMEOUT_MS);
  try {
    const response = await fetch(url, {
      signal: controller.signal,
      headers: { accept: 'application/json, application/x-ndjson' },
    });
    clearTimeout(timer);
    if (!response.ok) throw new InputError('http-status', `${name} answers ${response.status}`);
    if (response.body) for await (const chunk of response.body) yield Buffer.from(chunk);
  } catch (error) {
    if (signal?.aborted) return;
    if (error instanceof InputError) throw error;
    const cause = error instanceof Error ? systemErrorCode(error.cause) : undefined;
    const why = controller.signal.aborted
      ? `no answer in ${CONNECT_TIMEOUT_MS / 1000} s`
      : (cause ?? 'the connection broke');
    throw new InputError('http-failed', `cannot read ${name}: ${why}`, undefined, { cause: error });
  } finally {
    clearTimeout(timer);
    controller.abort();
    signal?.removeEventListener('abort', abort);
  }
}
