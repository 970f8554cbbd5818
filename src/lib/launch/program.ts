import { accessSync, closeSync, constants, openSync, readSync, type Stats, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { StartError, systemErrorCode } from '../errors.ts';
import { type Elf, machineName, readElf } from './elf.ts';
import type { Launcher } from './launcher.ts';

/** A script may name a script as its interpreter; Linux follows four. */
const INTERPRETERS_DEEP = 4;
const SHEBANG_BYTES = 256;

export interface Judge {
  /** The library that is to be preloaded: what it was built for, programs must be built for. */
  readonly library: string;
  readonly launcher: Pick<Launcher, 'givesCapabilities'>;
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Finds a program as a shell does, and looks whether a library can be preloaded into it at all. What cannot be read is not judged.
 * @param word as it was typed
 * @throws StartError 127 where there is no such program, 126 where it cannot be executed or would ignore the library
 */
export function judgeProgram(word: string, judge: Judge): void {
  // A name that is not UTF-8: the launcher has its bytes, we have not.
  if (word.includes('\ufffd')) return;
  judgeFile(find(word, judge.env), judge, INTERPRETERS_DEEP);
}

/** @returns its path. execvp(3): a word with a slash is a path; what is found but cannot be executed is passed over for what comes later in PATH */
function find(word: string, env: NodeJS.ProcessEnv): string {
  const candidates = word.includes('/')
    ? [word]
    : (env['PATH'] ?? '/bin:/usr/bin').split(':').map((dir) => join(dir || '.', word));
  let refusal: StartError | undefined;
  for (const path of word === '' ? [] : candidates) {
    const why = whyNot(path);
    if (why === undefined) return path;
    if (why !== 'ENOENT') refusal ??= new StartError('not-executable', `${path}: ${why}`);
  }
  throw refusal ?? new StartError('not-found', `${word === '' ? "''" : word}: no such program`);
}

function whyNot(path: string): string | undefined {
  try {
    if (!statSync(path).isFile()) return 'is no program file';
    accessSync(path, constants.X_OK);
    return undefined;
  } catch (error) {
    const code = systemErrorCode(error) ?? String(error);
    return code === 'ENOENT' || code === 'ENOTDIR' ? 'ENOENT' : code === 'EACCES' ? 'may not be executed' : code;
  }
}

function judgeFile(path: string, judge: Judge, deep: number): void {
  const opened = openProgram(path);
  if (!opened) return;
  const { read, stats, close } = opened;
  try {
    const start = read(0, SHEBANG_BYTES).toString('latin1');
    if (start.startsWith('#!')) {
      if (deep > 0) judgeInterpreter(start.slice(2).split('\n')[0] ?? '', judge, deep - 1);
      return;
    }
    const elf = readElf(read);
    // A script without #! is the shell's.
    if (elf) judgeElf(path, elf, stats, judge);
  } finally {
    close();
  }
}

/** `#!/usr/bin/env python3` runs python3. */
function judgeInterpreter(line: string, judge: Judge, deep: number): void {
  const [interpreter = '', ...words] = line.trim().split(/[ \t]+/);
  if (interpreter === '' || whyNot(interpreter) !== undefined) return;
  judgeFile(interpreter, judge, deep);
  const named =
    basename(interpreter) === 'env' ? words.find((word) => !word.startsWith('-') && !word.includes('=')) : undefined;
  if (named !== undefined) judgeFile(find(named, judge.env), judge, deep);
}

function judgeElf(path: string, elf: Elf, stats: Stats, { library, launcher }: Judge): void {
  const refuse = (why: string, hint?: string): never => {
    throw new StartError('not-preloadable', `${path}: ${why}`, hint);
  };
  const ours = openProgram(library);
  const wanted = ours && readElf(ours.read);
  ours?.close();
  if (wanted && (wanted.machine !== elf.machine || wanted.bits !== elf.bits))
    refuse(`is built for another machine (${machineName(elf)}), the allocator for this one (${machineName(wanted)})`);
  const isLinker = basename(path).startsWith('ld-linux');
  if (elf.interpreter === undefined && !isLinker)
    refuse('is linked statically, so nothing can be preloaded', 'link it dynamically, or use the library in it');
  if (elf.interpreter !== undefined && basename(elf.interpreter).startsWith('ld-musl'))
    refuse('uses musl as its C library; the allocator needs glibc');
  const changesId =
    ((stats.mode & 0o4000) !== 0 && stats.uid !== process.getuid?.()) ||
    ((stats.mode & 0o2010) === 0o2010 && stats.gid !== process.getgid?.());
  if (changesId || (process.getuid?.() !== 0 && launcher.givesCapabilities(path)))
    refuse(
      'runs with more rights than yours (set-user-ID, set-group-ID or capabilities), so the system preloads nothing',
      'put tslab behind it, as in: sudo tslab run -- program',
    );
}

function openProgram(path: string) {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return undefined;
  }
  const read = (offset: number, length: number): Buffer => {
    const bytes = Buffer.alloc(Math.min(length, 1 << 20));
    try {
      return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, offset));
    } catch {
      // An offset that no file has.
      return bytes.subarray(0, 0);
    }
  };
  return { read, stats: statSync(path), close: () => closeSync(file) };
}
