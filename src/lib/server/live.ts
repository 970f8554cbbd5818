import { stringifyExact } from '../snapshot/exact-json.ts';
import type { Collector } from './collector.ts';
import { processRow, processState } from './page-state.ts';
import type { HistoryMessage, UpdateMessage } from './stream.ts';
import { Tracker } from './tracker.ts';
import type { View, Watched } from './view.ts';

/** What a page that is open asks for. */
const PAGE_MS = 1000;

/** Remembers what the views showed, and turns the latest into what pages are told. While somebody listens, there is a view a second. */
export class Live {
  readonly #collector: Collector;
  readonly #everyMs: number;
  readonly #trackers = new Map<string, Tracker>();
  readonly #clients = new Set<() => void>();
  /** Messages of the latest view, by process: many may watch the same. */
  readonly #messages = new Map<string, string>();
  #timer: NodeJS.Timeout | undefined;

  /** @param intervalMs at which the collector reads by itself, if it does */
  constructor(collector: Collector, intervalMs: number | undefined) {
    this.#collector = collector;
    this.#everyMs = intervalMs ?? PAGE_MS;
    collector.onView((view) => this.#take(view));
  }

  /** How many listen. */
  get clients(): number {
    return this.#clients.size;
  }

  /** @param onChange called when there is something new, to be fetched with update(). @returns ends that */
  listen(onChange: () => void): () => void {
    this.#clients.add(onChange);
    this.#timer ??= setInterval(() => void this.#collector.current(), this.#everyMs);
    return () => {
      this.#clients.delete(onChange);
      if (this.#clients.size > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    };
  }

  /** @param asked a process's id; '' for the first there is */
  history(asked: string): string {
    const watched = this.#find(asked);
    const message: HistoryMessage = {
      id: watched?.id,
      points: (watched && this.#trackers.get(watched.id)?.points) ?? [],
    };
    return stringifyExact(message);
  }

  update(asked: string): string {
    const known = this.#messages.get(asked);
    if (known !== undefined) return known;
    const view = this.#collector.latest;
    const watched = this.#find(asked);
    const tracker = watched && this.#trackers.get(watched.id);
    const findings = ({ id }: Watched) => this.#trackers.get(id)?.findings.rows() ?? [];
    const message: UpdateMessage = {
      sequence: view?.sequence ?? 0,
      takenMs: view?.takenMs ?? 0,
      everyMs: this.#everyMs,
      failure: view?.failure,
      omitted: view?.omitted ?? 0,
      unusable: view?.unusable ?? 0,
      processes: (view?.watched ?? []).map((one) => processRow(one, findings(one))),
      process: watched && tracker && processState(watched, tracker, findings(watched)),
    };
    const text = stringifyExact(message);
    // Only what exists is kept: ids come from a URL.
    if (watched || asked === '') this.#messages.set(asked, text);
    return text;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #find(asked: string): Watched | undefined {
    const all = this.#collector.latest?.watched ?? [];
    return asked === '' ? all[0] : all.find(({ id }) => id === asked);
  }

  #take(view: View): void {
    this.#messages.clear();
    const there = new Set(view.watched.map(({ id }) => id));
    // A reading that failed says nothing about who is there.
    if (view.failure === undefined)
      for (const id of this.#trackers.keys()) if (!there.has(id)) this.#trackers.delete(id);
    for (const { id, snapshot } of view.watched) {
      const tracker = this.#trackers.get(id) ?? new Tracker();
      this.#trackers.set(id, tracker);
      tracker.add(snapshot, view.takenMs);
    }
    for (const client of this.#clients) client();
  }
}
