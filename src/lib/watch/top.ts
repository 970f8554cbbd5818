import { deltaBetween } from '../analysis/delta.ts';
import { type Ranking, rank } from '../analysis/rank.ts';
import { says, subjectsOf, subjectsOver } from '../analysis/subject.ts';
import type { Reading } from '../analysis/timeline.ts';
import { Timeline } from '../analysis/timeline.ts';
import { InputError, SamplesError } from '../errors.ts';
import { note, writeLine } from '../output.ts';
import { endNote, eventText } from '../render/event-text.ts';
import { warningLine } from '../render/notes.ts';
import type { TopView } from '../render/top.ts';
import { checkLaws } from '../snapshot/laws.ts';
import type { Snapshot } from '../snapshot/model.ts';
import { subtract } from '../snapshot/u64.ts';
import { oneSample } from '../source/collect.ts';
import { isStored, liveSource } from '../source/live.ts';
import { openSource, type SourceChoice } from '../source/open.ts';

export interface TopOptions {
  readonly ranking: Ranking;
  readonly windowMs: number | undefined;
  readonly watch: boolean;
  readonly intervalMs: number | undefined;
  readonly count: number | undefined;
  /** Refreshes in place, on a terminal. */
  readonly fullScreen: boolean;
  readonly render: (view: TopView) => Promise<string>;
  /** What stands between one ranking and the next where they are printed one after another. */
  readonly between: string;
}

/** Ranks once, or again and again. @throws SamplesError where a window was asked for and the source ends before it is full */
export async function showTop(choice: SourceChoice, options: TopOptions): Promise<void> {
  const { windowMs } = options;
  if (options.watch) await topWatched(choice, options);
  else if (windowMs === undefined) await topOnce(choice, options);
  else if (!isStored(choice) || !(await topOfRecording(choice, options, windowMs)))
    await topOverWindow(choice, options, windowMs);
}

async function topOnce(choice: SourceChoice, { ranking, render }: TopOptions): Promise<void> {
  const { sample, rejected, failure } = await oneSample(await openSource(choice), 'last');
  const warning = warningLine([...sample.warnings, ...checkLaws(sample.snapshot)], rejected.length);
  if (warning !== null) note(warning);
  await writeLine(await render(viewOf({ sequence: 0, snapshot: sample.snapshot, events: [] }, ranking)));
  if (failure) throw failure;
}

/** The last window of a recording. @returns false where there is but one snapshot, which may be followed by another */
async function topOfRecording(
  choice: SourceChoice,
  { ranking, render }: TopOptions,
  windowMs: number,
): Promise<boolean> {
  const source = await openSource(choice);
  const window = new Window(windowMs);
  let seen = 0;
  let last: Reading | undefined;
  let rejected: Error | undefined;
  let failure: InputError | undefined;
  try {
    for await (const event of source.read()) {
      if (event.kind === 'rejected') {
        rejected ??= event.error;
        continue;
      }
      seen++;
      last = window.next(event.snapshot, undefined) ?? last;
    }
  } catch (error) {
    if (!last || !(error instanceof InputError)) throw error;
    failure = error;
  }
  if (seen === 0 && rejected) throw rejected;
  if (seen < 2) return false;
  if (!last) throw notFull(source.name, windowMs);
  requireRate(last);
  await writeLine(await render(viewOf(last, ranking)));
  if (failure) throw failure;
  return true;
}

/** Of what is still coming, the first two samples that are the window apart. */
async function topOverWindow(choice: SourceChoice, { ranking, render }: TopOptions, windowMs: number): Promise<void> {
  const { source } = await liveSource(choice, { intervalMs: windowMs });
  const timeline = new Timeline();
  let rejected: Error | undefined;
  let hadOne = false;
  for await (const event of source.read()) {
    if (event.kind === 'rejected') {
      rejected ??= event.error;
      continue;
    }
    hadOne = true;
    const reading = timeline.next(event.snapshot);
    if (reading.delta) requireRate(reading);
    if (!reading.delta) {
      requireClock(reading.snapshot);
      continue;
    }
    // The last state of a process comes when it ends, not when the window does.
    if (reading.snapshot.process?.live === false && isEarly(reading.delta?.elapsedNs ?? 0, windowMs)) break;
    await writeLine(await render(viewOf(reading, ranking)));
    return;
  }
  if (!hadOne && rejected) throw rejected;
  throw notFull(source.name, windowMs);
}

function notFull(name: string, windowMs: number): SamplesError {
  return new SamplesError(
    'window-not-full',
    `${name} ended before there were two snapshots ${windowMs / 1000} s apart`,
    'give a stream that lasts, such as stats_dump --interval, or a shorter --window',
  );
}

function requireClock({ timestamp_ns: time }: Snapshot): void {
  if (time === undefined)
    throw new SamplesError('no-clock', 'no rates: these snapshots carry no timestamp_ns', 'rank without --window');
}

/** A window across a restart or a clock that was set has no rates; an empty table would look like idleness. */
function requireRate({ delta, snapshot }: Reading): void {
  requireClock(snapshot);
  if (delta?.continuous && delta.elapsedNs !== undefined) return;
  const why = delta?.breaks.map(eventText).join('; ');
  throw new SamplesError(
    'window-broken',
    `no rates over this window: ${why}`,
    'try again or with a shorter --window; tslab watch shows what is going on',
  );
}

async function topWatched(choice: SourceChoice, options: TopOptions): Promise<void> {
  const { ranking, render, windowMs, fullScreen, count, between } = options;
  const intervalMs = options.intervalMs ?? windowMs ?? 1000;
  const screen = fullScreen ? (await import('../tui/pager.ts')).openPager() : undefined;
  try {
    const notes: string[] = [];
    const { source, arrivesAsTaken } = await liveSource(
      screen ? { ...choice, onStderr: (text) => notes.push(text) && notes.splice(0, notes.length - 3) } : choice,
      { intervalMs },
    );
    const window = new Window(windowMs);
    let shown = 0;
    for await (const event of source.read(screen?.signal)) {
      if (event.kind === 'rejected') {
        if (!screen) note(`tslab: warning: ${event.error.message}`);
        continue;
      }
      const reading = window.next(event.snapshot, arrivesAsTaken ? performance.now() : undefined);
      if (reading === undefined) continue;
      if (screen) screen.show(await render(viewOf(reading, ranking)));
      else await writeLine(`${shown > 0 ? between : ''}${await render(viewOf(reading, ranking))}`);
      if (!screen && event.snapshot.process?.live === false) note(endNote(source.name));
      if (++shown === count) return;
    }
    await screen?.ended();
  } finally {
    screen?.close();
  }
}

/** Snapshots kept of a window: it may be longer than asked for by one part in so many. */
const PARTS = 64;
/** A producer's timer that is early by less than a tenth of an interval has kept it: a ninth of what came. */
const EARLY_PART = 9;

/** Compares each snapshot with the latest one that is at least the window older; without a window, with none. Bounded. */
class Window {
  readonly #timeline = new Timeline();
  readonly #windowMs: number | undefined;
  /** In the order of their time; the first is the base, or will be. */
  #kept: { readonly snapshot: Snapshot; readonly steadyMs: number | undefined }[] = [];

  constructor(windowMs: number | undefined) {
    this.#windowMs = windowMs;
  }

  /** @returns the snapshot over the window, or what broke it; undefined while the window is not full, and where nothing is new */
  next(snapshot: Snapshot, steadyMs: number | undefined): Reading | undefined {
    if (this.#windowMs === undefined) return { sequence: 0, snapshot, events: [] };
    requireClock(snapshot);
    const reading = this.#timeline.next(snapshot, steadyMs);
    const { delta, events } = reading;
    if (events.some(({ code }) => code === 'unchanged')) return undefined;
    if (delta && (!delta.continuous || delta.elapsedNs === undefined)) {
      // Nothing from before a restart, or from before the clock was set, is comparable.
      this.#kept = [{ snapshot, steadyMs }];
      return reading;
    }
    const leastMs = this.#windowMs - Number(delta?.elapsedNs ?? 0) / 1e6 / EARLY_PART;
    const base = this.#kept.findLastIndex((one) => agoMs(one.snapshot, snapshot) >= leastMs);
    this.#kept.splice(0, Math.max(0, base));
    const [first] = this.#kept;
    const latest = this.#kept.at(-1);
    if (!latest || agoMs(latest.snapshot, snapshot) >= this.#windowMs / PARTS) this.#kept.push({ snapshot, steadyMs });
    if (base === -1 || !first) return undefined;
    const steadyNs =
      steadyMs === undefined || first.steadyMs === undefined ? undefined : (steadyMs - first.steadyMs) * 1e6;
    const over = deltaBetween(first.snapshot, snapshot, steadyNs);
    return { ...reading, delta: over, events: [...events, ...over.breaks] };
  }
}

function agoMs({ timestamp_ns: then = 0 }: Snapshot, { timestamp_ns: now = 0 }: Snapshot): number {
  return Number(subtract(now, then)) / 1e6;
}

/** A producer's timer that is early by less than a tenth has kept the window. */
function isEarly(gapNs: number | bigint, windowMs: number): boolean {
  const gapMs = Number(gapNs) / 1e6;
  return gapMs >= 0 && gapMs < windowMs * 0.9;
}

function viewOf(reading: Reading, ranking: Ranking): TopView {
  const scope = ranking.measure.scope === 'top' ? 'class' : ranking.measure.scope;
  const subjects = reading.delta ? subjectsOver(scope, reading.delta) : subjectsOf(scope, reading.snapshot);
  const of = says(scope, reading.snapshot) ? subjects.length : undefined;
  return { ranking, reading, ranked: rank(subjects, ranking), of };
}
