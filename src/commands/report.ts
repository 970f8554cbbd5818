import { createHash } from 'node:crypto';
import { Flags } from '@oclif/core';
import { ReportBuilder } from '../lib/analysis/report/report.ts';
import { TslabCommand } from '../lib/command.ts';
import { judge } from '../lib/diagnose/diagnose.ts';
import { Observer } from '../lib/diagnose/observe.ts';
import { InputError, UsageError } from '../lib/errors.ts';
import { choiceOf, sourceArgs, sourceFlags, sourceFrom } from '../lib/flags.ts';
import { note, progress, write } from '../lib/output.ts';
import { reportPage } from '../lib/render/report/page.ts';
import { STYLE } from '../lib/render/report/style.ts';
import { replaceFile } from '../lib/replace-file.ts';
import { located } from '../lib/source/collect.ts';
import { refuseOverwriting } from '../lib/source/overwriting.ts';

const PROGRESS_EVERY = 1000;

import { tslabVersion } from '../lib/version.ts';

export default class Report extends TslabCommand {
  static override summary = 'Make one HTML page with charts of a recording.';
  static override description =
    'What tslab doctor finds, RSS against live and pinned bytes, causes of slow paths, epochs over time, labels, contention, what the kernel took back. The page is one file,\n' +
    'needs no network and no script, follows the light or dark scheme, and its size is bounded: long recordings are condensed, and it says so.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> run.tslab.ndjson.gz --output report.html',
    'stats_dump leak --interval 50ms --no-text | <%= config.bin %> <%= command.id %> - --output report.html',
  ];
  static override args = sourceArgs;
  static override flags = {
    ...sourceFlags,
    output: Flags.string({ char: 'o', required: true, description: 'the page; - for stdout', helpValue: 'FILE' }),
    title: Flags.string({ description: "the page's title, instead of the source's name" }),
  };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(Report);
    if (flags.output === '') throw new UsageError('empty-output', '--output needs the name of a file');
    if (flags.output !== '-') refuseOverwriting([choiceOf(args, flags)], [flags.output]);
    const source = await sourceFrom(args, flags);
    const builder = new ReportBuilder();
    const observer = new Observer();
    const notes: string[] = [];
    let seen = 0;
    let rejected = 0;
    let failure: InputError | undefined;
    try {
      for await (const event of source.read()) {
        if (event.kind === 'sample') {
          builder.add(event.snapshot);
          observer.add(event.snapshot);
        } else if (rejected++ === 0) notes.push(`Not everything could be read: ${located(event, source.name).message}`);
        if (++seen % PROGRESS_EVERY === 0) progress(`${seen} snapshots`);
      }
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      failure = error;
      notes.push(`The recording ends early: ${error.message}`);
    }
    progress('');
    const report = builder.report();
    const observation = observer.observation();
    if (!report || !observation)
      throw (
        failure ?? new InputError('no-snapshot', `${source.name} gave no usable snapshot`, "'tslab validate' says why")
      );
    if (rejected > 1) notes.push(`${rejected} snapshots were left out in all.`);
    for (const text of notes) note(`tslab: warning: ${text}`);
    const page = reportPage(report, judge(observation), {
      name: flags.title ?? source.name,
      version: tslabVersion(),
      styleHash: createHash('sha256').update(STYLE).digest('base64'),
      notes,
    });
    await (flags.output === '-' ? write(page) : replaceFile(flags.output, page));
    if (failure) throw failure;
  }
}
