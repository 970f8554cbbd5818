import { InputError } from '../../errors.ts';
import { checkLaws } from '../../snapshot/laws.ts';
import type { Warning } from '../../snapshot/warning.ts';
import { located } from '../../source/collect.ts';
import type { Rejected, Source } from '../../source/source.ts';
import type { Side } from './diff.ts';
import { type Run, RunCollector } from './run.ts';

export interface ReadSide extends Side {
  /** What is odd in the last snapshot of each source, and what the reader got past anywhere. */
  readonly warnings: readonly Warning[];
  /** Broken snapshots that were skipped. */
  readonly rejected: number;
}

/** Warnings kept; a recording may hold the same one a hundred thousand times. */
const KEEP_WARNINGS = 1000;

/**
 * Reads all of a side.
 * @throws InputError where a source fails or holds no usable snapshot: what is missing from a side must not let a gate pass
 */
export async function readSide(sources: readonly Source[]): Promise<ReadSide> {
  const runs: Run[] = [];
  const warnings: Warning[] = [];
  let rejected = 0;
  for (const source of sources) {
    const read = await readSource(source);
    runs.push(...read.runs);
    warnings.push(...read.warnings);
    rejected += read.rejected;
  }
  return { sources: sources.map(({ name }) => name), runs, warnings, rejected };
}

async function readSource(source: Source) {
  const collector = new RunCollector();
  const warnings: Warning[] = [];
  let rejected = 0;
  let firstRejected: Rejected | undefined;
  for await (const event of source.read()) {
    if (event.kind === 'rejected') {
      firstRejected ??= event;
      rejected++;
      continue;
    }
    if (warnings.length < KEEP_WARNINGS) warnings.push(...event.warnings);
    collector.add(event.snapshot);
  }
  const runs = collector.runs();
  const last = runs.at(-1)?.snapshots.at(-1);
  if (!last) {
    if (firstRejected) throw located(firstRejected, source.name);
    throw new InputError('no-snapshot', `${source.name} gave no snapshot`);
  }
  return { runs, warnings: [...warnings, ...checkLaws(last)], rejected };
}
