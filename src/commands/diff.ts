import { Flags } from '@oclif/core';
import { choiceOf, type SideArguments, sidesOf, splitAt } from '../lib/analysis/diff/arguments.ts';
import { parseConfig } from '../lib/analysis/diff/config.ts';
import { type DiffChoice, diff } from '../lib/analysis/diff/diff.ts';
import { endOf } from '../lib/analysis/diff/end.ts';
import { PART_KINDS } from '../lib/analysis/diff/metric.ts';
import { exampleSnapshot, selfTest } from '../lib/analysis/diff/self-test.ts';
import { readSide } from '../lib/analysis/diff/side.ts';
import { TslabCommand } from '../lib/command.ts';
import { durationFlag, formatDuration } from '../lib/duration.ts';
import { FindingsFound, UsageError } from '../lib/errors.ts';
import { processFlags } from '../lib/flags.ts';
import { isTerminal, note, progress, write } from '../lib/output.ts';
import { selfTestJson } from '../lib/render/diff/json.ts';
import { FORMATS, reportOf } from '../lib/render/diff/report.ts';
import { renderSelfTest } from '../lib/render/diff/self-test.ts';
import { warningLine } from '../lib/render/notes.ts';
import { parseReportFile, writeReport } from '../lib/report-file.ts';
import type { Target } from '../lib/source/attached.ts';
import { oneSample } from '../lib/source/collect.ts';
import { openSource } from '../lib/source/open.ts';
import { refuseOverwriting } from '../lib/source/overwriting.ts';
import { plainStyle, style } from '../lib/style.ts';
import { chosenConfig, verdictFlags } from '../lib/verdict-flags.ts';

/** Stands for a bare -- while oclif parses; no argument can hold a NUL. */
const BETWEEN = '\0';

const WINDOW_MS = 10_000;

const CONFIG = 'tslab.diff.json';

export default class Diff extends TslabCommand {
  static override summary = 'Compare two sides, and fail where the second one is worse.';
  static override description =
    'Two snapshots of one process: what happened in between, against what happened before. Two runs: rates and ratios per operation.\n' +
    'Several runs a side: medians, confidence intervals, Mann-Whitney U corrected by Holm.\n' +
    'Exit code 0: fine; 3: worse; 4: a side cannot be read or compared; 5: too few samples to say.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> before.json after.json',
    '<%= config.bin %> <%= command.id %> main/*.json -- branch/*.json',
    '<%= config.bin %> <%= command.id %> --before main/*.json --after branch/*.json --threshold rss_bytes_current=+5%,abs=1MiB',
    '<%= config.bin %> <%= command.id %> before.json after.json --format github --output markdown=summary.md --output junit=tslab.xml',
    '<%= config.bin %> <%= command.id %> --pid 4242 --window 30s',
    '<%= config.bin %> <%= command.id %> --self-test',
  ];
  static override usage = [
    '<%= command.id %> BEFORE AFTER [FLAGS]',
    '<%= command.id %> BEFORE... -- AFTER... [FLAGS]',
    '<%= command.id %> --pid P --window TIME [FLAGS]',
  ];
  static override strict = false;
  static override flags = {
    ...processFlags,
    window: durationFlag('window', 'with --pid, --name: compare the process with itself this much later (default 10s)'),
    before: Flags.string({ description: 'files of the first side', multiple: true, helpValue: 'FILE' }),
    after: Flags.string({ description: 'files of the second side', multiple: true, helpValue: 'FILE' }),
    'fail-on': Flags.option({
      options: ['regression', 'change', 'never'] as const,
      description: 'what ends with exit code 3',
    })(),
    threshold: Flags.string({
      description: 'from where on a difference matters; default=… for all',
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'METRIC=+10%,abs=5,max=0',
    }),
    ...verdictFlags(CONFIG, FORMATS),
    by: Flags.option({
      options: PART_KINDS,
      multiple: true,
      multipleNonGreedy: true,
      delimiter: ',',
      description: 'compare totals, each class, each label',
    })(),
    mode: Flags.option({
      options: ['auto', 'same-process', 'two-runs'] as const,
      default: 'auto',
      description: 'what the sides are',
    })(),
    samples: Flags.option({
      options: ['auto', 'run', 'interval'] as const,
      default: 'auto',
      description: 'what one sample is',
    })(),
    alpha: Flags.string({ description: 'chance of one false alarm in all (default 0.05)', helpValue: '0.05' }),
    all: Flags.boolean({ description: 'also what is the same, and what is only information' }),
    'self-test': Flags.boolean({
      description: 'prove that the gate can fail: worsen each metric of a snapshot in turn',
    }),
  };

  override async run(): Promise<void> {
    // A bare -- ends the first side, not the flags: flags may stand anywhere.
    const { argv: operands, flags } = await this.parse(
      Diff,
      this.argv.map((one) => (one === '--' ? BETWEEN : one)),
    );
    const { first, second } = splitAt(BETWEEN, operands as string[]);
    const outputs = (flags.output ?? []).map((text) => parseReportFile(text, FORMATS));
    const choice = choiceOf(flags, await configOf(flags));
    const format = flags.json ? 'json' : (flags.format ?? 'table');
    if (flags['self-test']) return prove([...first, ...(second ?? [])], choice, format === 'json');

    const written = { first, second, before: flags.before ?? [], after: flags.after ?? [] };
    refuseOverwriting(
      [...first, ...(second ?? []), ...written.before, ...written.after].map((input) => ({ input })),
      outputs.map(({ path }) => path),
    );
    const sides = await sidesToRead(written, flags);
    const before = await readSide(sides.before);
    const after = await readSide(sides.after);
    const warning = warningLine([...before.warnings, ...after.warnings], before.rejected + after.rejected);
    if (warning !== null) note(warning);

    const result = diff(before, after, choice);
    const end = endOf(result);
    const view = { all: flags.all, terminal: false, style };
    const exitCode = end?.exitCode ?? 0;
    for (const { format, path } of outputs)
      await writeReport(path, await reportOf(result, format, exitCode, { ...view, style: plainStyle }));
    await write(await reportOf(result, format, exitCode, { ...view, terminal: isTerminal }));
    if (end) throw end;
  }
}

interface ProcessFlags extends Target {
  readonly window?: number | undefined;
}

/** A process is compared with itself, a window later. */
async function sidesToRead(written: SideArguments, { pid, name, instance, window }: ProcessFlags) {
  if (pid === undefined && name === undefined) {
    if (instance !== undefined || window !== undefined)
      throw new UsageError('no-process', `--${window === undefined ? 'instance' : 'window'} needs --pid or --name`);
    const names = sidesOf(written);
    const sources = (inputs: readonly string[]) => Promise.all(inputs.map((input) => openSource({ input })));
    return { before: await sources(names.before), after: await sources(names.after) };
  }
  if (pid !== undefined && name !== undefined) throw new UsageError('two-sources', '--pid and --name at once');
  if (written.first.length + (written.second?.length ?? 0) + written.before.length + written.after.length > 0)
    throw new UsageError('two-ways', 'a process is compared with itself: name no files');
  const { bothEnds } = await import('../lib/source/window.ts');
  progress(`tslab: reading it now, and once more in ${formatDuration(window ?? WINDOW_MS)} …`);
  try {
    const [before, after] = await bothEnds({ pid, name, instance }, window ?? WINDOW_MS);
    return { before: [before], after: [after] };
  } finally {
    progress('');
  }
}

async function configOf(flags: { config?: string | undefined; 'no-config': boolean }) {
  const config = await chosenConfig(flags, CONFIG);
  return config ? parseConfig(config.text, config.path) : { thresholds: new Map() };
}

/** Without a snapshot to worsen, one that has every number there can be. */
async function prove(inputs: readonly string[], choice: DiffChoice, json: boolean): Promise<void> {
  const [input, ...more] = inputs;
  if (more.length > 0) throw new UsageError('too-many', '--self-test takes one snapshot');
  const snapshot =
    input === undefined ? exampleSnapshot() : (await oneSample(await openSource({ input }), 'last')).sample.snapshot;
  const proofs = selfTest(snapshot, choice);
  await write(json ? selfTestJson(proofs) : `${renderSelfTest(proofs)}\n`);
  const missed = proofs.filter(({ result }) => result === 'missed' || result === 'failing').length;
  if (missed > 0) throw new FindingsFound(missed);
}
