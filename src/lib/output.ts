import { systemErrorCode } from './errors.ts';

/** Set once: someone reads the output on a terminal, so tables, colour and progress make sense. */
export const isTerminal: boolean = process.stdout.isTTY === true;

/** How tables are drawn on stdout: see render/table.ts. */
export const frame: boolean | number = isTerminal && (process.stdout.columns || true);

/** Thrown by write() when nobody reads our output any more (`| head`). cli.ts ends the process quietly. */
export class OutputClosed extends Error {}

/**
 * Writes to stdout and waits until the reader has room, so that a slow reader holds memory down.
 * @throws OutputClosed where the reader has gone; any other failure, such as a full disk, as Node throws it
 */
export async function write(text: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    process.stdout.write(text, (error) => {
      if (!error) resolve();
      else reject(systemErrorCode(error) === 'EPIPE' ? new OutputClosed() : error);
    });
  });
}

export async function writeLine(line: string): Promise<void> {
  await write(`${line}\n`);
}

/** One line to stderr: warnings and hints, never data. */
export function note(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Progress belongs on a terminal only. */
export function progress(line: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${line}`);
}
