import { UsageError } from './errors.ts';
import { closest } from './metrics/closest.ts';

/** What oclif's parser throws where a flag is unknown. */
interface UnknownFlags extends Error {
  readonly flags: readonly string[];
  readonly parse: { readonly input?: { readonly flags?: Readonly<Record<string, unknown>> } };
}

/** @returns an error's message without what oclif's parser puts around it, its own errors and ours alike */
export function usageText(message: string): string {
  const text = message.replace(/\nSee more help with --help(?=\n|$)/, '');
  const [, flag, said = ''] = /^Parsing (--\S+) \n\t(.*)$/s.exec(text) ?? [];
  if (flag === undefined) return text;
  return said.startsWith(`${flag}:`) ? said : `${flag}: ${said.charAt(0).toLowerCase()}${said.slice(1)}`;
}

/** @returns what to do about a wrong argument: the flags that were meant, where it looks like some */
export function usageHint(error: Error): string {
  if (!isUnknownFlags(error)) return 'see --help';
  const known = Object.keys(error.parse.input?.flags ?? {}).map((name) => `--${name}`);
  return meant(error.flags.flatMap((flag) => closest(flag, known, 2)));
}

/**
 * @param ids of all commands, words separated by a space
 * @throws UsageError where the words name no command; flags alone name none and are none of our business
 */
export function checkCommand(argv: readonly string[], ids: readonly string[]): void {
  const [first = '', second = ''] = argv.flatMap((word, i) => (i === 0 ? word.split(':') : word));
  const topic = ids.filter((id) => id.startsWith(`${first} `));
  const isPart = topic.length > 0 && (second === '' || second.startsWith('-'));
  if (first === '' || first.startsWith('-') || isPart || ids.includes(first)) return;
  const wanted = topic.length > 0 ? `${first} ${second}` : first;
  if (ids.includes(wanted)) return;
  const near = closest(wanted, topic.length > 0 ? topic : ids);
  throw new UsageError('unknown-command', `no such command: ${wanted}`, meant(near.map((id) => `tslab ${id}`)));
}

function meant(near: readonly string[]): string {
  return near.length > 0 ? `did you mean ${near.join(', ')}?` : 'see --help';
}

function isUnknownFlags(error: Error): error is UnknownFlags {
  return 'flags' in error && Array.isArray(error.flags) && 'parse' in error;
}
