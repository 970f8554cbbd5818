import { spawnSync } from 'node:child_process';
import { make } from '../builds.ts';
import type { Run } from '../results.ts';
import type { Plan, Section, Task } from '../task.ts';

/** The two hot paths, and the object file each is in. */
const FUNCTIONS: Readonly<Record<string, string>> = { alloc_obj_epoch: 'alloc.o', free_obj: 'free.o' };
const VARIANT = 'bench-arm64';

export const arm: Section = {
  name: 'arm64',
  about: 'the hot paths as ARM64 instructions',
  timed: false,
  tasks: (plan) =>
    Object.entries(FUNCTIONS).map(
      ([name, object]): Task => ({ key: ['arm64', name, 'gcc', 0], run: () => disassemble(plan, name, object) }),
    ),
};

function disassemble(plan: Plan, name: string, object: string): Run {
  make(plan, [
    `VARIANT=${VARIANT}`,
    'CC=aarch64-linux-gnu-gcc',
    'AR=aarch64-linux-gnu-ar',
    `build/${VARIANT}/src/${object}`,
  ]);
  const { status, stdout } = spawnSync(
    'aarch64-linux-gnu-objdump',
    ['-d', '--no-show-raw-insn', `--disassemble=${name}`, `${plan.build}/${VARIANT}/src/${object}`],
    { encoding: 'utf8' },
  );
  const listing = stdout
    .split('\n')
    .filter((line) => /^ *[0-9a-f]+:\t/.test(line))
    .map((line) =>
      line
        .trim()
        .replace(/\t/g, ' ')
        .replace(/ +\/\/.*$/, ''),
    );
  if (status !== 0 || listing.length === 0) throw new Error(`objdump finds no ${name} in ${object}`);
  return { listing };
}
