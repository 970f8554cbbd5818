import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { measureNames } from './analysis/measure.ts';
import { packageRoot } from './package-root.ts';

/** What a shell can complete, from the manifest of the commands and the metric catalogue. */
export interface CompletableCommand {
  /** Words separated by a space. */
  readonly id: string;
  readonly summary: string;
  readonly flags: readonly CompletableFlag[];
  /** What the arguments may be; empty where they are files. */
  readonly args: readonly string[];
}

export interface CompletableFlag {
  /** `--by` */
  readonly name: string;
  /** `-n` */
  readonly short?: string;
  readonly summary: string;
  readonly takesValue: boolean;
  /** Values it may have; empty where any will do. */
  readonly values: readonly string[];
  /** Values where another flag stands before it. */
  readonly valuesWith: Readonly<Record<string, readonly string[]>>;
}

interface Manifest {
  commands: Record<
    string,
    {
      id: string;
      summary?: string;
      hidden?: boolean;
      args: Record<string, { options?: string[] }>;
      flags: Record<
        string,
        { type: string; char?: string; summary?: string; description?: string; options?: string[] }
      >;
    }
  >;
}

export function completable(): CompletableCommand[] {
  const { commands } = JSON.parse(readFileSync(join(packageRoot(), 'oclif.manifest.json'), 'utf8')) as Manifest;
  return Object.values(commands)
    .filter(({ hidden }) => !hidden)
    .map(({ id, summary = '', args, flags }) => ({
      id: id.replaceAll(':', ' '),
      summary,
      args: Object.values(args).flatMap(({ options = [] }) => options),
      flags: [
        ...Object.entries(flags).map(([name, flag]) => ({
          name: `--${name}`,
          ...(flag.char && { short: `-${flag.char}` }),
          summary: flag.summary ?? flag.description ?? '',
          takesValue: flag.type === 'option',
          values: flag.options ?? (name === 'by' ? measureNames('class') : []),
          valuesWith: name === 'by' ? { '--epochs': measureNames('epoch'), '--labels': measureNames('label') } : {},
        })),
        { name: '--help', short: '-h', summary: 'show help', takesValue: false, values: [], valuesWith: {} },
      ],
    }));
}
