import type { Context } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { Env, Services } from './context.ts';

/** Pages that may be open at once. */
const MOST_CLIENTS = 64;
/** How soon a page comes back. */
const RETRY_MS = 1000;
/** Proxies end connections that are silent. */
const SILENCE_MS = 15_000;

/**
 * Answers with a stream of server-sent events: `history` once, then `update` for every view, see stream.ts.
 * A client that reads too slowly is told less often, never later: what it has not been told waits nowhere.
 */
export async function events(c: Context<Env>, { live, collector, ending }: Services): Promise<Response> {
  if (live.clients >= MOST_CLIENTS) return c.text('too many pages are open\n', 503, { 'retry-after': '5' });
  const asked = c.req.query('process') ?? '';
  await collector.current();
  return streamSSE(c, async (stream) => {
    let wake: () => void = () => {};
    let isNew = true;
    const stop = live.listen(() => {
      isNew = true;
      wake();
    });
    const onEnd = () => {
      void stream.close();
      wake();
    };
    ending.addEventListener('abort', onEnd);
    stream.onAbort(() => wake());
    try {
      await stream.writeSSE({ event: 'history', data: live.history(asked), retry: RETRY_MS });
      while (!stream.aborted && !stream.closed) {
        if (isNew) {
          isNew = false;
          await stream.writeSSE({ event: 'update', data: live.update(asked) });
        } else await stream.write(': still here\n\n');
        if (!isNew) await changed();
      }
    } finally {
      stop();
      ending.removeEventListener('abort', onEnd);
    }

    function changed(): Promise<void> {
      return new Promise((resolve) => {
        const timer = setTimeout(resolve, SILENCE_MS);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  });
}
