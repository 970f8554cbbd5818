import { type Reading, Timeline } from '../analysis/timeline.ts';
import type { InputError } from '../errors.ts';
import { note, write } from '../output.ts';
import { endNote, eventText } from '../render/event-text.ts';
import { located } from '../source/collect.ts';
import { endingAfter, type Pace } from '../source/follow.ts';
import { liveSource } from '../source/live.ts';
import type { SourceChoice } from '../source/open.ts';

export interface LineOptions {
  readonly count: number | undefined;
  readonly durationMs: number | undefined;
  /** Printed first, and again every so many lines; none for JSON. */
  readonly header: string | undefined;
  readonly line: (reading: Reading) => string;
}

/** So that a screenful always shows what the columns are. */
const HEADER_EVERY = 40;

/** Prints a line per sample until the source ends or a limit is reached. @throws InputError where nothing could be used */
export async function watchInLines(choice: SourceChoice, pace: Pace, options: LineOptions): Promise<void> {
  const { count, durationMs, header, line } = options;
  const { source: endless, arrivesAsTaken } = await liveSource(choice, pace);
  const source = durationMs === undefined ? endless : endingAfter(endless, durationMs);
  const timeline = new Timeline();
  let seen = 0;
  let rejected: InputError | undefined;
  for await (const event of source.read()) {
    if (event.kind === 'rejected') {
      const error = event.at.line > 0 ? located(event, source.name) : event.error;
      rejected ??= error;
      note(`tslab: warning: ${error.message}`);
      continue;
    }
    const reading = timeline.next(event.snapshot, arrivesAsTaken ? performance.now() : undefined);
    if (seen === 1) explainMissingClock(reading);
    await write(`${header !== undefined && seen % HEADER_EVERY === 0 ? `${header}\n` : ''}${line(reading)}\n`);
    if (event.snapshot.process?.live === false) note(endNote(source.name));
    if (++seen === count) return;
  }
  if (seen === 0 && rejected) throw rejected;
}

function explainMissingClock({ events }: Reading): void {
  const noClock = events.find(({ code }) => code === 'no-clock');
  if (noClock) note(`tslab: warning: ${eventText(noClock)}`);
}
