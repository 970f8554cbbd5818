import { randomBytes } from 'node:crypto';
import { unlinkSync } from 'node:fs';
import { type FileHandle, open, realpath, rename, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { InputError, systemErrorCode } from './errors.ts';

/**
 * Replaces a file at once: whoever reads it sees the old text or the new one, never a part. The new text is written beside it and on disk
 * before it takes the name. If anything fails, the old file stays as it was and nothing is left beside it.
 * @param path a regular file or a name that is free; a symlink's target is replaced, not the link
 * @param mode the file's permissions whatever the umask; left to the umask where absent
 * @throws InputError 'unwritable'; a full disk as Node throws it
 */
export async function replaceFile(path: string, text: string, mode?: number): Promise<void> {
  const target = await targetOf(path);
  const beside = join(dirname(target), `.${basename(target)}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`);
  const cleanUp = () => {
    try {
      unlinkSync(beside);
    } catch {
      // Not there: never made, or already renamed.
    }
  };
  process.once('exit', cleanUp);
  try {
    await writeWhole(await open(beside, 'wx', mode), text, mode);
    await rename(beside, target);
    await syncDirectory(dirname(target));
  } catch (error) {
    await unlink(beside).catch(() => {});
    throw unwritable(error, path);
  } finally {
    process.off('exit', cleanUp);
  }
}

async function writeWhole(file: FileHandle, text: string, mode: number | undefined): Promise<void> {
  try {
    await file.writeFile(text);
    if (mode !== undefined) await file.chmod(mode);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A device or pipe must not be replaced by a file: as root, that would be the end of /dev/null. */
async function targetOf(path: string): Promise<string> {
  const found = await stat(path).catch((error: unknown) => {
    if (systemErrorCode(error) === 'ENOENT') return null;
    throw unwritable(error, path);
  });
  if (found === null) return path;
  if (!found.isFile()) throw new InputError('unwritable', `cannot write ${path}: not a regular file`);
  return realpath(path);
}

/** Without it, the new name may be lost in a power cut. Some file systems cannot. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r').catch(() => null);
  await directory?.sync().catch(() => {});
  await directory?.close();
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such directory',
  ENOTDIR: 'no such directory',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'read-only file system',
  EISDIR: 'is a directory',
  EEXIST: 'it exists already',
  ELOOP: 'too many symbolic links',
  ENXIO: 'not a regular file',
  ETXTBSY: 'it is a program that runs',
  ENAMETOOLONG: 'the name is too long',
};

/** @returns an error that names path and reason where the reason lies with the path; any other error as it came */
export function unwritable(error: unknown, path: string): unknown {
  const reason = REASONS[systemErrorCode(error) ?? ''];
  return reason ? new InputError('unwritable', `cannot write ${path}: ${reason}`, undefined, { cause: error }) : error;
}
