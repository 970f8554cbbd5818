import { InputError, systemErrorCode, TslabError } from '../errors.ts';
import type { Broken, Document } from '../snapshot/document.ts';
import { DocumentReader } from '../snapshot/document-reader.ts';
import { LineSplitter } from '../snapshot/line-splitter.ts';
import { asSnapshot } from '../snapshot/parse.ts';
import { wholeDocument } from '../snapshot/whole-document.ts';
import type { Rejected, Sample } from './source.ts';

/**
 * Turns bytes into samples: plain or gzip, one object per line or pretty-printed, with or without other text around.
 * @param chunks the bytes as they come; stops being pulled while the consumer is busy
 * @param name the source, for messages
 */
export async function* samplesIn(chunks: AsyncIterable<Buffer>, name: string): AsyncGenerator<Sample | Rejected> {
  const lines = new LineSplitter();
  const reader = new DocumentReader();
  let objects = 0;
  let bytes = 0;
  const judge = function* (found: Iterable<Document | Broken>) {
    for (const one of found) {
      objects++;
      yield judged(one);
    }
  };
  try {
    for await (const chunk of await decompressed(chunks)) {
      bytes += chunk.length;
      for (const { bytes, number, offset } of lines.push(chunk))
        yield* judge(bytes ? reader.line(bytes, number, offset) : [DocumentReader.tooLarge(number, offset)]);
    }
  } catch (error) {
    throw unreadable(error, name, bytes);
  }
  for (const { bytes, number, offset } of lines.end())
    yield* judge(bytes ? reader.line(bytes, number, offset) : [DocumentReader.tooLarge(number, offset)]);
  yield* judge(reader.end());
  if (objects === 0) {
    throw bytes === 0
      ? new InputError('empty', `${name} is empty`, 'a snapshot is one JSON object, as stats_dump prints it')
      : new InputError(
          'no-snapshot',
          `${name} holds no JSON object (${bytes} bytes read)`,
          'a snapshot is one JSON object, as stats_dump prints it',
        );
  }
}

/** @param bytes all that the source holds. @returns as samplesIn */
export async function* samplesInWhole(bytes: Buffer, name: string): AsyncGenerator<Sample | Rejected> {
  const document = wholeDocument(bytes);
  if (document) yield judged(document);
  else yield* samplesIn(only(bytes), name);
}

async function* only(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

function judged(found: Document | Broken): Sample | Rejected {
  const at = { line: found.line, offset: found.offset };
  if (found.kind === 'broken') return { kind: 'rejected', error: found.error, at };
  try {
    return { kind: 'sample', snapshot: asSnapshot(found.value), text: found.text, at, warnings: found.warnings };
  } catch (error) {
    if (error instanceof InputError) return { kind: 'rejected', error, at };
    throw error;
  }
}

/** gzip is known by its first two bytes, not by a file's name: a recording may come through a pipe. */
async function decompressed(chunks: AsyncIterable<Buffer>): Promise<AsyncIterable<Buffer>> {
  const iterator = chunks[Symbol.asyncIterator]();
  let first = Buffer.alloc(0);
  while (first.length < 2) {
    const next = await iterator.next();
    if (next.done) break;
    first = Buffer.concat([first, next.value]);
  }
  const whole = resumed(first, iterator);
  if (first[0] !== 0x1f || first[1] !== 0x8b) return whole;
  const { gunzip } = await import('./gzip.ts');
  return gunzip(whole);
}

async function* resumed(first: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  try {
    if (first.length > 0) yield first;
    for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}

function unreadable(error: unknown, name: string, bytes: number): unknown {
  const code = systemErrorCode(error);
  if (error instanceof TslabError || code === undefined) return error;
  const known: Record<string, string> = {
    ENOENT: 'no such file',
    EACCES: 'permission denied',
    EISDIR: 'is a directory',
    Z_BUF_ERROR: `the compressed data is cut off (${bytes} bytes could be read)`,
    Z_DATA_ERROR: `the compressed data is damaged (${bytes} bytes could be read)`,
  };
  return new InputError('unreadable', `cannot read ${name}: ${known[code] ?? code}`, undefined, { cause: error });
}
