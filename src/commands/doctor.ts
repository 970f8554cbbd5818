import { Flags } from '@oclif/core';
import { TslabCommand } from '../lib/command.ts';
import {
  type Choices,
  codeNamed,
  FAIL_ON,
  type FailOn,
  parseConfig,
  parseThresholds,
} from '../lib/diagnose/choices.ts';
import { type Diagnosis, judge } from '../lib/diagnose/diagnose.ts';
import { atLeast } from '../lib/diagnose/finding.ts';
import { limitsWith } from '../lib/diagnose/thresholds.ts';
import { durationFlag } from '../lib/duration.ts';
import { FindingsFound } from '../lib/errors.ts';
import { choiceOf, sourceArgs, sourceFlags } from '../lib/flags.ts';
import { note, write, writeLine } from '../lib/output.ts';
import { explain } from '../lib/render/findings/explain.ts';
import { FORMATS, findingsReport } from '../lib/render/findings/report.ts';
import { warningLine } from '../lib/render/notes.ts';
import { parseReportFile, writeReport } from '../lib/report-file.ts';
import { refuseOverwriting } from '../lib/source/overwriting.ts';
import { plainStyle, style } from '../lib/style.ts';
import { chosenConfig, verdictFlags } from '../lib/verdict-flags.ts';
import { tslabVersion } from '../lib/version.ts';
import { observed } from '../lib/watch/observed.ts';

const CONFIG = 'tslab.doctor.json';

export default class Doctor extends TslabCommand {
  static override summary = 'Say what is wrong, who owns it, and what to do.';
  static override description =
    'One snapshot shows what is held and by whom, and totals since the start. --window watches a live source and judges what happens now; a recording is\n' +
    'judged as a whole, with its trends. Each finding has a code, its evidence, how sure it is, and a page: docs/runbooks/CODE.md.\n' +
    'Exit code 0: nothing of --fail-on severity or above; 3: findings; 4: the source cannot be used; 5: it ended before the window was full.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> --pid 4242',
    '<%= config.bin %> <%= command.id %> --name my-service --window 5s',
    '<%= config.bin %> <%= command.id %> run.tslab.ndjson.gz',
    'stats_dump leak --no-text | <%= config.bin %> <%= command.id %> -',
    '<%= config.bin %> <%= command.id %> snapshot.json --format github --output sarif=tslab.sarif --fail-on error',
    '<%= config.bin %> <%= command.id %> --explain refcount-leak',
    '<%= config.bin %> <%= command.id %> --pid 4242 --threshold refcount-leak.age=10m --threshold close-yield-low=off',
  ];
  static override args = sourceArgs;
  static override flags = {
    ...sourceFlags,
    window: durationFlag('window', 'watch a live source for this long'),
    'fail-on': Flags.option({
      options: FAIL_ON,
      description: 'severity from which on the exit code is 3 (default: warning)',
    })(),
    threshold: Flags.string({
      description: 'from where on something is a finding; CODE=off: never',
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'CODE.NAME=VALUE',
    }),
    ...verdictFlags(CONFIG, FORMATS),
    all: Flags.boolean({ description: 'also what was checked, where something was found' }),
    explain: Flags.string({ description: 'say what a code means and what it goes by', helpValue: 'CODE' }),
  };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(Doctor);
    if (flags.explain !== undefined) return writeLine(explain(codeNamed(flags.explain, '--explain')));
    const outputs = (flags.output ?? []).map((text) => parseReportFile(text, FORMATS));
    const choice = choiceOf(args, flags);
    refuseOverwriting(
      [choice],
      outputs.map(({ path }) => path),
    );
    const { limits, without, failOn } = parseThresholds(flags.threshold ?? [], await configOf(flags));

    const { observation, name, warnings, rejected, failure } = await observed(choice, flags.window);
    const warning = warningLine(warnings, rejected);
    if (warning !== null) note(warning);

    const diagnosis = judge(observation, { limits: limitsWith(limits), without });
    const end = endOf(diagnosis, flags['fail-on'] ?? failOn ?? 'warning') ?? failure;
    const view = { name, all: flags.all, exitCode: end?.exitCode ?? 0, version: tslabVersion() };
    for (const { format, path } of outputs)
      await writeReport(path, findingsReport(diagnosis, format, { ...view, style: plainStyle }));
    await write(findingsReport(diagnosis, flags.json ? 'json' : (flags.format ?? 'text'), { ...view, style }));
    if (end && failure && end !== failure) note(`tslab: warning: ${failure.message}`);
    if (end) throw end;
  }
}

function endOf({ findings }: Diagnosis, failOn: FailOn): FindingsFound | undefined {
  if (failOn === 'never') return undefined;
  const severe = findings.filter(({ severity }) => atLeast(severity, failOn)).length;
  return severe > 0 ? new FindingsFound(severe) : undefined;
}

async function configOf(flags: { config?: string | undefined; 'no-config': boolean }): Promise<Choices> {
  const config = await chosenConfig(flags, CONFIG);
  return config ? parseConfig(config.text, config.path) : { limits: new Map(), without: new Set<never>() };
}
