import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Args } from '@oclif/core';
import { TslabCommand } from '../lib/command.ts';
import { write } from '../lib/output.ts';
import { packageRoot } from '../lib/package-root.ts';

const NAMES = ['snapshot', 'diff', 'diff-config', 'top', 'watch', 'instances', 'findings', 'doctor-config'] as const;

export default class Schema extends TslabCommand {
  static override summary = 'Print a JSON Schema (Draft 2020-12) of what tslab reads or writes.';
  static override examples = ['<%= config.bin %> <%= command.id %> > snapshot.schema.json'];
  static override args = {
    name: Args.string({ description: 'which schema', options: [...NAMES], default: 'snapshot', ignoreStdin: true }),
  };

  override async run(): Promise<void> {
    const { args } = await this.parse(Schema);
    await write(await readFile(join(packageRoot(), 'schemas', `${args.name}.schema.json`), 'utf8'));
  }
}
