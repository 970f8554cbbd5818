import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

/** @returns the decompressed bytes; stopping to read it ends the compressed stream as well */
export function gunzip(compressed: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  const input = Readable.from(compressed, { objectMode: false });
  const output = input.pipe(createGunzip());
  input.on('error', (error) => output.destroy(error));
  output.on('close', () => input.destroy());
  return output;
}
