import { Args, Flags } from '@oclif/core';
import { UsageError } from './errors.ts';
import { openSource, type SourceChoice } from './source/open.ts';
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

/** Which allocator of which process. */
export const processFlags = {
  pid: wholeNumber('pid', 'read the live process with this id, which notices nothing', 'P'),
  name: Flags.string({
    description: 'the same, by the name of an allocator instance or the command of its process',
    helpGroup: 'SOURCE',
  }),
  instance: wholeNumber('instance', 'with --pid, --name: which allocator of the process', 'N'),
};

export const sourceFlags = {
  stdin: Flags.boolean({ description: 'read from stdin, as -', helpGroup: 'SOURCE' }),
  exec: Flags.string({
    description: 'run this shell command and read what it prints',
    helpValue: "'CMD'",
    helpGroup: 'SOURCE',
  }),
  url: Flags.string({ description: 'fetch over http or https', helpGroup: 'SOURCE' }),
  ...processFlags,
  'post-mortem': Flags.boolean({
    description: 'with --pid, --name: what the process left when it ended',
    helpGroup: 'SOURCE',
  }),
};

/** Kept as text: an instance is a 64-bit number. */
function wholeNumber(flag: string, description: string, helpValue: string) {
  return Flags.string({
    description,
    helpValue,
    helpGroup: 'SOURCE',
    parse: async (text) => parseWholeNumber(text, flag),
  });
}

/** @throws UsageError for anything but a whole number above 0 in decimal */
function parseWholeNumber(text: string, flag: string): string {
  if (/^[1-9]\d{0,19}$/.test(text)) return text;
  throw new UsageError('bad-number', `--${flag}: expected a whole number above 0, found ${JSON.stringify(text)}`);
}

/** Linux keeps process ids in a signed 32-bit integer. */
const PID_MOST = 2 ** 31 - 1;

function parsePid(text: string): string {
  if (Number(parseWholeNumber(text, 'pid')) <= PID_MOST) return text;
  throw new UsageError('bad-number', `--pid: expected a process id, found ${JSON.stringify(text)}`);
}

function parseName(text: string): string {
  if (text !== '') return text;
  throw new UsageError('bad-name', '--name: expected a name, found nothing');
}

export const jsonFlag = {
  json: Flags.boolean({ description: 'JSON on stdout, every digit intact' }),
};

interface SourceFlags {
  stdin?: boolean;
  exec?: string | undefined;
  url?: string | undefined;
  pid?: string | undefined;
  name?: string | undefined;
  instance?: string | undefined;
  'post-mortem'?: boolean;
}

/** @param flags what oclif parsed for a command that has sourceArgs and sourceFlags */
export function choiceOf(args: { input?: string | undefined }, flags: SourceFlags): SourceChoice {
  const { stdin, exec, url, pid, name, instance } = flags;
  return { input: args.input, stdin, exec, url, pid, name, instance, postMortem: flags['post-mortem'] };
}

export function sourceFrom(args: { input?: string | undefined }, flags: SourceFlags): Promise<Source> {
  return openSource(choiceOf(args, flags));
}

/** Where the numbers come from for commands that read many processes at once: all of them, those chosen, or one other source. */
export const fleetFlags = {
  stdin: sourceFlags.stdin,
  exec: sourceFlags.exec,
  url: sourceFlags.url,
  pid: Flags.string({
    description: 'this process; repeatable',
    helpGroup: 'SOURCE',
    helpValue: 'P',
    multiple: true,
    multipleNonGreedy: true,
    parse: async (text) => parsePid(text),
  }),
  name: Flags.string({
    description: 'processes with this command, or instances with this name; repeatable',
    helpGroup: 'SOURCE',
    multiple: true,
    multipleNonGreedy: true,
    parse: async (text) => parseName(text),
  }),
};
