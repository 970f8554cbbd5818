import { nativeBuild } from '../native.ts';
import { processSource } from './process.ts';
import type { Source } from './source.ts';

/**
 * @returns the path of the bundled harness, the program that turns counters into JSON
 * @throws InputError where it has not been built
 */
export function statsDump(): string {
  return nativeBuild('stats_dump', 'the bundled harness', `, or name a file, '-', --exec or --url`);
}

/** The bundled harness under its default workload. @param args a workload's name and further arguments, such as `--interval 1s` */
export function harnessSource(args: readonly string[] = []): Source {
  return processSource({ name: 'the bundled harness', command: statsDump(), args: ['--json', '--no-text', ...args] });
}
