import { judge } from '../diagnose/diagnose.ts';
import { Observer } from '../diagnose/observe.ts';
import { action, headline } from '../render/findings/prose.ts';
import { forTerminal } from '../render/safe-text.ts';
import type { Snapshot } from '../snapshot/model.ts';
import type { FindingRow } from './stream.ts';

/** What happened longer ago must not dilute what happens now: findings rest on the last 5 to 10 minutes. */
const WINDOW_MS = 5 * 60_000;

interface Watch {
  readonly observer: Observer;
  readonly sinceMs: number;
}

/** Asks doctor about one process, again and again. */
export class Findings {
  // The first one judges; the second, half a window younger, takes over.
  #watches: Watch[] = [];
  #rows: readonly FindingRow[] | undefined;
  #nowMs = 0;

  add(snapshot: Snapshot, nowMs: number): void {
    this.#rows = undefined;
    this.#nowMs = nowMs;
    const [oldest] = this.#watches;
    const newest = this.#watches.at(-1);
    if (!newest || nowMs - newest.sinceMs >= WINDOW_MS)
      this.#watches.push({ observer: new Observer(), sinceMs: nowMs });
    if (oldest && nowMs - oldest.sinceMs >= 2 * WINDOW_MS) this.#watches.shift();
    for (const { observer } of this.#watches) observer.add(snapshot);
  }

  /** @returns most severe first; texts are harmless */
  rows(): readonly FindingRow[] {
    this.#rows ??= this.#judged();
    return this.#rows;
  }

  #judged(): FindingRow[] {
    const observation = this.#watches[0]?.observer.observation(BigInt(Math.round(this.#nowMs)) * 1_000_000n);
    if (!observation) return [];
    return judge(observation).findings.map((finding) => ({
      code: finding.code,
      severity: finding.severity,
      title: headline(finding, forTerminal),
      advice: action(finding),
    }));
  }
}
