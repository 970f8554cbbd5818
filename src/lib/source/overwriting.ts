import { type BigIntStats, fstatSync, statSync } from 'node:fs';
import { UsageError } from '../errors.ts';
import type { SourceChoice } from './open.ts';

const STDIN_FD = 0;

/**
 * As cat does. By the file, not its name: a link leads to the same one. What a command given to --exec reads is not known.
 * @param outputs paths
 * @throws UsageError where an output is the very file that one of the sources reads
 */
export function refuseOverwriting(
  sources: readonly Pick<SourceChoice, 'input' | 'stdin'>[],
  outputs: readonly string[],
): void {
  if (outputs.length === 0) return;
  const read = sources.map(({ input, stdin }) => fileAt(stdin || input === '-' ? STDIN_FD : input));
  const same = outputs.find((path) => {
    const written = fileAt(path);
    return written && read.some((file) => file?.dev === written.dev && file.ino === written.ino);
  });
  if (same !== undefined)
    throw new UsageError('output-is-input', `${same}: output file is input file`, 'choose another name for the output');
}

/** @returns undefined where there is no regular file: nothing that is written to it can be lost */
function fileAt(path: string | number | undefined): BigIntStats | undefined {
  try {
    const found =
      typeof path === 'number'
        ? fstatSync(path, { bigint: true })
        : path === undefined
          ? undefined
          : statSync(path, { bigint: true });
    return found?.isFile() ? found : undefined;
  } catch {
    return undefined;
  }
}
