import { spawnSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { basename } from 'node:path';

/** Who runs in the same loop. `peer`: what ours is compared with; `ours`: one of our interfaces; `floor`: no allocator. */
export interface Contender {
  id: string;
  title: string;
  kind: 'peer' | 'ours' | 'floor';
  /** Folder-less name of the program in native/build/bench. */
  program: 'malloc' | 'epoch' | 'inline' | 'pointer' | 'inline-pointer' | 'floor';
  /** Whose interface it is, with the hot paths compiled into the program (temporal_slab_inline.h) instead of called. */
  inlines?: string;
  /** Library to preload: of Debian, found by the compiler's search path, or of ours, relative to the build's folder. */
  preload?: string;
}

export const CONTENDERS: readonly Contender[] = [
  { id: 'glibc', title: 'glibc', kind: 'peer', program: 'malloc' },
  { id: 'jemalloc', title: 'jemalloc', kind: 'peer', program: 'malloc', preload: 'libjemalloc.so.2' },
  { id: 'mimalloc', title: 'mimalloc', kind: 'peer', program: 'malloc', preload: 'libmimalloc.so.2' },
  { id: 'tcmalloc', title: 'tcmalloc', kind: 'peer', program: 'malloc', preload: 'libtcmalloc_minimal.so.4' },
  { id: 'epoch', title: 'ours, epoch API', kind: 'ours', program: 'epoch' },
  { id: 'inline', title: 'ours, epoch API inlined', kind: 'ours', program: 'inline', inlines: 'epoch' },
  { id: 'pointer', title: 'ours, malloc-style API', kind: 'ours', program: 'pointer' },
  {
    id: 'inline-pointer',
    title: 'ours, malloc-style API inlined',
    kind: 'ours',
    program: 'inline-pointer',
    inlines: 'pointer',
  },
  { id: 'preload', title: 'ours, preloaded', kind: 'ours', program: 'malloc', preload: './libtslab_preload.so' },
  { id: 'floor', title: 'floor', kind: 'floor', program: 'floor' },
];
export const PEERS = CONTENDERS.filter(({ kind }) => kind === 'peer');
export const OURS = CONTENDERS.filter(({ kind }) => kind === 'ours');

/** Absolute path of a library that can be preloaded. */
export function libraryPath(name: string, build: string): string {
  if (name.startsWith('./')) return `${build}/${name.slice(2)}`;
  const path = run('gcc', [`-print-file-name=${name}`]);
  if (path === name) throw new Error(`${name} is not installed`);
  return realpathSync(path);
}

/** Debian's version of what a contender preloads, or of the C library; our own are this build's. */
export function versionOf({ preload }: Contender): string {
  if (preload?.startsWith('./')) return 'this build';
  const path = preload ? libraryPath(preload, '') : '/lib/*/libc.so.6';
  const owner = run('sh', ['-c', `dpkg-query -S "$(basename ${path})" | grep -v dbg: | head -1 | cut -d: -f1`]);
  const version = run('sh', ['-c', `dpkg-query -W -f '\${Version}\\n' '${owner}' | head -1`]);
  return version || basename(path);
}

/** First program's output, trimmed; empty where it fails. */
export function run(command: string, args: readonly string[]): string {
  const { status, stdout } = spawnSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return status === 0 ? stdout.trim() : '';
}
