import { access, constants, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { InputError, systemErrorCode, UsageError } from './errors.ts';
import { unwritable } from './replace-file.ts';

/** Writes the file anew. @throws InputError 'unwritable' where it cannot be made; a full disk as Node throws it */
export async function writeReport(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text);
  } catch (error) {
    throw unwritable(error, path);
  }
}

/** Before long work whose report would go there. Makes and changes nothing. @throws InputError as writeReport would, as far as one can tell */
export async function refuseUnwritable(path: string): Promise<void> {
  try {
    const found = await stat(path).catch((error: unknown) => {
      if (systemErrorCode(error) === 'ENOENT') return null;
      throw error;
    });
    if (found?.isDirectory()) throw Object.assign(new Error('is a directory'), { code: 'EISDIR' });
    await access(found ? path : dirname(path), constants.W_OK);
  } catch (error) {
    throw unwritable(error, path);
  }
}

/**
 * @returns the file's text, or undefined where there is none and it may be missing
 * @throws InputError where it cannot be read
 */
export async function readConfigFile(path: string, mayBeMissing: boolean): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === 'ENOENT' && mayBeMissing) return undefined;
    throw new InputError('bad-config', `cannot read ${path}: ${code ?? error}`);
  }
}

/** One report: its form, and the file it goes to. */
export interface ReportFile<Format extends string> {
  readonly format: Format;
  readonly path: string;
}

/**
 * @param text `junit=report.xml`
 * @param formats those there are
 * @throws UsageError
 */
export function parseReportFile<Format extends string>(text: string, formats: readonly Format[]): ReportFile<Format> {
  const at = text.indexOf('=');
  const format = formats.find((name) => name === text.slice(0, at));
  const path = text.slice(at + 1);
  if (!format || path === '')
    throw new UsageError(
      'bad-output',
      `--output ${text}: not understood`,
      `write FORMAT=FILE with one of ${formats.join(', ')}`,
    );
  return { format, path };
}
