import { Command } from '@oclif/core';

/** What every command of tslab extends. */
export abstract class TslabCommand extends Command {
  /** oclif's own would look for deprecated aliases and load its help for that; there are none. */
  protected override async init(): Promise<void> {}

  /** Runs it and lets errors through. */
  async start(): Promise<void> {
    await this._run();
  }
}

/** All that a running command asks of oclif's configuration where there are no plugins and so no hooks. */
const NO_PLUGINS = {
  bin: 'tslab',
  runHook: async () => ({ successes: [], failures: [] }),
  scopedEnvVarKeys: () => [],
} as unknown as Command['config'];

/**
 * Runs a command without oclif's discovery of commands and plugins, which takes longer than most commands.
 * @param id words separated by a space
 * @param argv what follows the id
 */
export async function startCommand(
  Chosen: new (argv: string[], config: Command['config']) => TslabCommand,
  id: string,
  argv: string[],
): Promise<void> {
  const command = new Chosen(argv, NO_PLUGINS);
  command.id = id;
  await command.start();
}
