import { Args, Flags } from '@oclif/core';
import { openSource } from './source/open.ts';
import type { Source } from './source/source.ts';

/** The argument and flags by which every reading command names its source. */
export const sourceArgs = {
  input: Args.string({
    description: 'snapshot or recording (plain or .gz), - for stdin, or an http(s) URL',
    required: false,
    // oclif would read a missing argument from stdin, all of it, before the command runs.
    ignoreStdin: true,
  }),
};

export const sourceFlags = {
  stdin: Flags.boolean({ description: 'read from stdin, as -', helpGroup: 'SOURCE' }),
  exec: Flags.string({
    description: 'run this shell command and read what it prints',
    helpValue: "'CMD'",
    helpGroup: 'SOURCE',
  }),
  url: Flags.string({ description: 'fetch over http or https', helpGroup: 'SOURCE' }),
};

export const jsonFlag = {
  json: Flags.boolean({ description: 'JSON on stdout, every digit intact' }),
};

/** @param flags what oclif parsed for a command that has sourceArgs and sourceFlags */
export function sourceFrom(
  args: { input?: string | undefined },
  flags: { stdin?: boolean; exec?: string | undefined; url?: string | undefined },
): Promise<Source> {
  return openSource({ input: args.input, stdin: flags.stdin, exec: flags.exec, url: flags.url });
}
