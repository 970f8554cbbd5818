import { type FileHandle, open, stat } from 'node:fs/promises';
import { InputError, systemErrorCode, UsageError } from '../errors.ts';
import { unwritable } from '../replace-file.ts';
import { type Codec, gzipCodec, plainCodec } from './codec.ts';

/**
 * A recording on disk. After every append() it is whole: whoever ends this process loses at most the line that was being written, and on a
 * full disk everything before it stays readable. One append at a time.
 */
export class RecordingFile {
  readonly #file: FileHandle;
  readonly #codec: Codec;
  /** Where the lines end and the trailer begins. */
  #end = 0;

  private constructor(file: FileHandle, codec: Codec) {
    this.#file = file;
    this.#codec = codec;
  }

  /** @param path compressed where it ends in .gz. @throws InputError 'unwritable' */
  static async create(path: string): Promise<RecordingFile> {
    try {
      const file = await open(path, 'w');
      if (!(await file.stat()).isFile()) {
        await file.close();
        throw new InputError('unwritable', `cannot write ${path}: not a regular file`, "'-' writes to stdout");
      }
      const recording = new RecordingFile(file, path.endsWith('.gz') ? gzipCodec() : plainCodec());
      await recording.#put(recording.#codec.header);
      return recording;
    } catch (error) {
      throw unwritable(error, path);
    }
  }

  /** Bytes of the file. */
  get bytes(): number {
    return this.#end + this.#codec.trailer().length;
  }

  /** @param line with its newline. @throws as Node does; the file is then as it was before */
  async append(line: string): Promise<void> {
    const before = this.#codec.trailer();
    try {
      await this.#put(this.#codec.encode(Buffer.from(line)));
    } catch (error) {
      // Shortened first, so that there is room for the trailer on a full disk.
      await this.#file.truncate(this.#end);
      await this.#writeAll(before, this.#end);
      throw error;
    }
  }

  /** Waits until all of it is on disk. */
  async close(): Promise<void> {
    try {
      await this.#file.sync();
    } finally {
      await this.#file.close();
    }
  }

  /** Lines and trailer in one write: the file is not without a trailer for longer than that takes. */
  async #put(body: Buffer): Promise<void> {
    await this.#writeAll(Buffer.concat([body, this.#codec.trailer()]), this.#end);
    this.#end += body.length;
  }

  async #writeAll(bytes: Buffer, position: number): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await this.#file.write(bytes, done, bytes.length - done, position + done);
      done += bytesWritten;
    }
  }
}

/** @throws UsageError where something is there already: a recording is not overwritten unasked */
export async function refuseExisting(path: string): Promise<void> {
  const found = await stat(path).catch((error: unknown) => {
    if (systemErrorCode(error) === 'ENOENT') return null;
    throw unwritable(error, path);
  });
  if (found)
    throw new UsageError('exists', `${path} exists already`, 'choose another name, or overwrite it with --force');
}
