import { constants, crc32, deflateRawSync } from 'node:zlib';

/** How the lines of a recording become bytes of a file that is whole after every line. */
export interface Codec {
  /** What the file begins with. */
  readonly header: Buffer;
  /** @returns the bytes to put after those of the lines before */
  encode(line: Buffer): Buffer;
  /** @returns what must follow the lines so far for the file to be whole; the next line overwrites it */
  trailer(): Buffer;
}

export function plainCodec(): Codec {
  const nothing = Buffer.alloc(0);
  return { header: nothing, encode: (line) => line, trailer: () => nothing };
}

/** Magic, deflate, no flags, no time, unknown system (RFC 1952, 2.3). */
const GZIP_HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
/** An empty last block with fixed codes (RFC 1951, 3.2.3 and 3.2.6). */
const LAST_BLOCK = Buffer.from([0x03, 0x00]);
/** How far back deflate looks (RFC 1951, 2). */
const WINDOW = 32 * 1024;

/**
 * One gzip member whose lines end at byte boundaries: each is deflated by itself and flushed, with the text before it as its dictionary. So
 * neighbouring snapshots cost what differs, and the member can be closed after any of them.
 */
export function gzipCodec(): Codec {
  let window: Buffer = Buffer.alloc(0);
  let crc = 0;
  let size = 0;
  return {
    header: GZIP_HEADER,
    encode(line) {
      const body = deflateRawSync(line, {
        finishFlush: constants.Z_SYNC_FLUSH,
        ...(window.length > 0 && { dictionary: window }),
      });
      window = Buffer.concat([window, line]).subarray(-WINDOW);
      crc = crc32(line, crc);
      size = (size + line.length) % 2 ** 32;
      return body;
    },
    trailer() {
      const sums = Buffer.alloc(8);
      sums.writeUInt32LE(crc, 0);
      sums.writeUInt32LE(size, 4);
      return Buffer.concat([LAST_BLOCK, sums]);
    },
  };
}
