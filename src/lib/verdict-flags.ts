import { Flags } from '@oclif/core';
import { note } from './output.ts';
import { readConfigFile } from './report-file.ts';

/**
 * Flags of the commands that judge by thresholds and can report in several forms at once.
 * @param config the file in the working directory that is read where none is named
 * @param formats the forms there are
 */
export function verdictFlags<Format extends string>(config: string, formats: readonly Format[]) {
  return {
    config: Flags.string({
      description: `thresholds and settings (default: ${config}, if there is one)`,
      helpValue: 'FILE',
      exclusive: ['no-config'],
    }),
    'no-config': Flags.boolean({ description: `do not read ${config}` }),
    format: Flags.option({ options: formats, description: 'what goes to stdout', exclusive: ['json'] })(),
    json: Flags.boolean({ description: 'same as --format json' }),
    output: Flags.string({
      description: 'also write a report to a file',
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'FORMAT=FILE',
    }),
  };
}

/**
 * Reads the configuration that the flags choose, and says on stderr which it is.
 * @param config as for verdictFlags
 * @returns undefined where none is wanted, or none is there and none was named
 * @throws InputError where it cannot be read
 */
export async function chosenConfig(
  flags: { readonly config?: string | undefined; readonly 'no-config': boolean },
  config: string,
): Promise<{ readonly path: string; readonly text: string } | undefined> {
  if (flags['no-config']) return undefined;
  const path = flags.config ?? config;
  const text = await readConfigFile(path, flags.config === undefined);
  if (text === undefined) return undefined;
  note(`tslab: thresholds of ${path}`);
  return { path, text };
}
