import { run } from '@oclif/core/run';
import { settings } from '@oclif/core/settings';
import { packageRoot } from './package-root.ts';

/** All of oclif, for what a command that just runs does not need: help, versions, words that are no command. */
export async function runOclif(argv: string[]): Promise<void> {
  // What runs is the bundle: oclif must not look for TypeScript sources beside it.
  settings.enableAutoTranspile = false;
  await run(argv, { root: packageRoot() });
}
