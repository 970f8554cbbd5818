import { InputError, UsageError } from '../errors.ts';
import { located, oneSample } from '../source/collect.ts';
import { fleetSource, MOST_CHOSEN, type Selection } from '../source/fleet.ts';
import { type LiveSource, liveSource } from '../source/live.ts';
import { addressOf, openSource, type SourceChoice } from '../source/open.ts';
import { type Watched, watchedOf } from './view.ts';

/** What one look at everything gave. */
export interface Look {
  readonly watched: readonly Watched[];
  readonly omitted: number;
  readonly unusable: number;
}

/** How a source came to its end. */
export interface Ended {
  /** What it said last; undefined where it said nothing. */
  readonly last: Watched | undefined;
  /** Why it broke; undefined where it just ended. */
  readonly failure: unknown;
}

/** Something that can be looked at whenever somebody asks. */
export interface Reader {
  /** For messages. */
  readonly name: string;
  /** @throws InputError where nothing can be read now */
  look(): Promise<Look>;
  /** Resolves when there will be nothing new any more; absent where that never happens. */
  readonly ended?: Promise<Ended>;
  /** Ends what it started. */
  close(): void;
}

/**
 * @param choice a source other than a process, or nothing chosen
 * @param selection of processes; with neither, all of them
 * @throws UsageError where both are chosen
 */
export async function readerFor(
  choice: SourceChoice,
  selection: Selection,
  { intervalMs, most }: { intervalMs: number | undefined; most: number },
): Promise<Reader> {
  if (!isSource(choice, selection)) return fleetReader(selection, most);
  // Who looks at an interval anyway must get the last there is, and the very last at the end.
  const patient = addressOf(choice) !== undefined;
  return streamReader(await liveSource(choice, { intervalMs, unthinned: true, patient }));
}

/** One look, and what is wrong with it. */
export interface LastLook extends Look {
  /** The source broke after what is here: to be thrown when that has been used. */
  readonly failure?: InputError | undefined;
}

/**
 * @param choice a source other than a process, which is read to its end, or nothing chosen
 * @param selection of processes; with neither, all of them
 * @returns the processes as they are now, or the last snapshot of the source
 * @throws UsageError where both are chosen; InputError where nothing can be read
 */
export async function lastLook(choice: SourceChoice, selection: Selection, most: number): Promise<LastLook> {
  if (!isSource(choice, selection)) {
    const fleet = fleetReader(selection, most);
    return fleet.look().finally(() => fleet.close());
  }
  const { sample, rejected, failure } = await oneSample(await openSource(choice), 'last');
  return { watched: [watchedOf(sample.snapshot, sample.text)], omitted: 0, unusable: rejected.length, failure };
}

/** @returns whether a source is chosen, rather than processes. @throws UsageError where both are, or too many processes */
function isSource(choice: SourceChoice, { pids, names }: Selection): boolean {
  if (Object.values(choice).some((value) => value !== undefined && value !== false)) {
    if (pids.length + names.length === 0) return true;
    throw new UsageError(
      'two-sources',
      'both processes and another source',
      'leave out --pid and --name, or the source',
    );
  }
  for (const chosen of [pids, names])
    if (chosen.length > MOST_CHOSEN)
      throw new UsageError('too-many', `${chosen.length} processes to choose, at most ${MOST_CHOSEN}`);
  return false;
}

/** The live processes of this machine: those selected, or all. @param most at most so many */
export function fleetReader(selection: Selection, most: number): Reader {
  const fleet = fleetSource(selection, most);
  return {
    name: nameOf(selection),
    async look() {
      const { members, omitted, unusable } = await fleet.read();
      return {
        watched: members.map(({ snapshot, text, instance }) => watchedOf(snapshot, text, instance.created_ns)),
        omitted,
        unusable: unusable.length,
      };
    },
    close: () => fleet.close(),
  };
}

function nameOf({ pids, names }: Selection): string {
  const chosen = [...pids.map((pid) => `process ${pid}`), ...names.map((name) => `'${name}'`)];
  return chosen.length === 0 ? 'the processes of this machine' : chosen.join(', ');
}

/**
 * A source that sets the pace itself: a look gives what it said last, and waits for the first word of it.
 * It fails from a failed reading, a snapshot that cannot be used, or the source's end on, until the next snapshot comes.
 */
export function streamReader({ source }: LiveSource): Reader {
  const stop = new AbortController();
  let latest: Watched | undefined;
  let unusable = 0;
  let failure: unknown;
  let first: (() => void) | undefined;
  const begun = new Promise<void>((resolve) => {
    first = resolve;
  });
  const follow = async (): Promise<Ended> => {
    let broken: unknown;
    try {
      for await (const event of source.read(stop.signal)) {
        if (event.kind === 'rejected') {
          // What failed as a whole has no line, and is no snapshot that could be unusable.
          if (event.at.line > 0) unusable++;
          failure = event.at.line > 0 ? located(event, source.name) : event.error;
          first?.();
        } else {
          latest = watchedOf(event.snapshot, event.text);
          failure = undefined;
          first?.();
        }
      }
    } catch (error) {
      broken = error;
    }
    failure = broken ?? failure ?? new InputError('source-ended', `${source.name} has ended`);
    first?.();
    return { last: latest, failure: broken ?? (latest ? undefined : failure) };
  };
  return {
    name: source.name,
    ended: follow(),
    async look() {
      await begun;
      if (failure !== undefined || !latest) throw failure;
      return { watched: [latest], omitted: 0, unusable };
    },
    close: () => stop.abort(),
  };
}
