import { spawnSync } from 'node:child_process';
import type { Plan } from './task.ts';

/** A build of the library and of the program that calls its epoch API, in a folder of its own. */
export interface Build {
  id: string;
  title: string;
  make: readonly string[];
}

export const DEFAULT_BUILD: Build = { id: 'default', title: 'default build', make: [] };
export const NO_COUNTERS: Build = {
  id: 'no-counters',
  title: 'all counters compiled out',
  make: ['COUNTERS=0'],
};
export const LABELS: Build = {
  id: 'labels',
  title: 'contention by label (LABEL_CONTENTION=1)',
  make: ['LABEL_CONTENTION=1'],
};
export const PAGES: readonly Build[] = [
  DEFAULT_BUILD,
  { id: 'page16', title: '16 KiB pages (PAGE_KIB=16)', make: ['PAGE_KIB=16'] },
  { id: 'page64', title: '64 KiB pages (PAGE_KIB=64)', make: ['PAGE_KIB=64'] },
];

/** Builds it if need be. @returns the folder, as Plan.build. @throws when it cannot be built */
export function built(plan: Plan, build: Build): string {
  if (build === DEFAULT_BUILD) return plan.build;
  const variant = `bench-${build.id}`;
  make(plan, [`VARIANT=${variant}`, ...build.make, `build/${variant}/bench/epoch`]);
  return `${plan.build}/${variant}`;
}

/** @throws with the end of what make said */
export function make(plan: Plan, args: readonly string[]): void {
  const { status, stdout, stderr } = spawnSync('make', ['-s', '-C', `${plan.root}/native`, '-j2', ...args], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`make ${args.join(' ')}: ${`${stdout}${stderr}`.slice(-2000)}`);
}
