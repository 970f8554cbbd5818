import { run } from '@oclif/core/run';
import { settings } from '@oclif/core/settings';
import { packageRoot } from './package-root.ts';
import { checkCommand } from './usage-text.ts';

/**
 * All of oclif, for what a command that just runs does not need: help, versions, words that are no command.
 * @param ids of all commands, words separated by a space
 * @throws UsageError where the words name no command
 */
export async function runOclif(argv: string[], ids: readonly string[]): Promise<void> {
  // What runs is the bundle: oclif must not look for TypeScript sources beside it.
  settings.enableAutoTranspile = false;
  const words = argv[0] === 'help' ? [...argv.slice(1), '--help'] : argv;
  checkCommand(words, ids);
  await run(words, { root: packageRoot() });
}
