import { Args } from '@oclif/core';
import { TslabCommand } from '../lib/command.ts';
import { completable } from '../lib/completion.ts';
import { write } from '../lib/output.ts';
import { completionScript, SHELLS } from '../lib/render/completion.ts';

export default class Completion extends TslabCommand {
  static override summary = 'Print a script by which a shell completes commands, flags and metric names.';
  static override examples = [
    { description: 'bash, in ~/.bashrc', command: 'eval "$(<%= config.bin %> <%= command.id %> bash)"' },
    { description: 'zsh, in ~/.zshrc after compinit', command: 'source <(<%= config.bin %> <%= command.id %> zsh)' },
    {
      description: 'fish',
      command: '<%= config.bin %> <%= command.id %> fish > ~/.config/fish/completions/tslab.fish',
    },
  ];
  static override args = {
    shell: Args.string({ description: 'which shell', options: [...SHELLS], required: true, ignoreStdin: true }),
  };

  override async run(): Promise<void> {
    const { args } = await this.parse(Completion);
    const shell = SHELLS.find((one) => one === args.shell) ?? 'bash';
    await write(completionScript(shell, completable()));
  }
}
