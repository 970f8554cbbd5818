import { UsageError } from '../errors.ts';
import type { Target } from './attached.ts';
import type { Source } from './source.ts';

/** What a person may name as the source of snapshots; at most one of them. `instance` and `postMortem` say more about a process. */
export interface SourceChoice extends Target {
  /** A path, `-` for stdin, or an http(s) URL. */
  readonly input?: string | undefined;
  readonly stdin?: boolean | undefined;
  /** A shell command line that prints snapshots. */
  readonly exec?: string | undefined;
  readonly url?: string | undefined;
  /** Takes what a started program writes to stderr, which otherwise goes to ours. Not a choice of source. */
  readonly onStderr?: ((text: string) => void) | undefined;
}

/** Another process is read through its counter file, as often as one likes. */
export function isAttached({ pid, name }: SourceChoice): boolean {
  return pid !== undefined || name !== undefined;
}

/**
 * @param intervalMs of another process, time between snapshots; undefined: one
 * @returns the chosen source; with none chosen, the bundled harness. Loads the code of that kind of source only.
 * @throws UsageError where two are chosen or a URL is malformed; InputError where the harness is not built
 */
export async function openSource(
  { onStderr, instance, postMortem, ...choice }: SourceChoice,
  intervalMs?: number,
): Promise<Source> {
  const chosen = Object.entries(choice).filter(([, value]) => value !== undefined && value !== false);
  if (chosen.length > 1) {
    const names = chosen.map(([name, value]) => (name === 'input' ? `'${value}'` : `--${name}`));
    throw new UsageError('two-sources', `two sources at once: ${names.join(' and ')}`, 'name one of them');
  }
  const { input, stdin, exec, pid, name } = choice;
  if (pid !== undefined || name !== undefined)
    return (await import('./attached.ts')).attachedSource({ pid, name, instance, postMortem }, intervalMs);
  if (instance !== undefined || postMortem)
    throw new UsageError(
      'no-process',
      `--${instance === undefined ? 'post-mortem' : 'instance'} needs --pid or --name`,
    );
  if (stdin || input === '-') return (await import('./file.ts')).stdinSource();
  if (exec !== undefined)
    return (await import('./process.ts')).processSource({ name: `'${exec}'`, command: exec, shell: true, onStderr });
  const address = addressOf(choice);
  if (address !== undefined) return (await import('./http.ts')).httpSource(parseUrl(address));
  if (input !== undefined) return (await import('./file.ts')).fileSource(input);
  return (await import('./harness.ts')).harnessSource();
}

/** @returns the URL that is to be read, as written; undefined for another source */
export function addressOf({ url, input }: SourceChoice): string | undefined {
  return url ?? (input !== undefined && /^https?:\/\//i.test(input) ? input : undefined);
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw new UsageError('bad-url', `not an http or https URL: ${JSON.stringify(text)}`);
}
