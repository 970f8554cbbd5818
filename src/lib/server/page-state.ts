import type { ClassDelta } from '../analysis/delta.ts';
import { perSecond } from '../analysis/rate.ts';
import type { EpochSpan } from '../analysis/report/epoch-spans.ts';
import { GAUGES, measure } from '../analysis/report/measures.ts';
import type { Reading } from '../analysis/timeline.ts';
import { forTerminal } from '../render/safe-text.ts';
import type { ClassStats } from '../snapshot/model.ts';
import { compare } from '../snapshot/u64.ts';
import type { ClassRow, EpochBar, FindingRow, ProcessRow, ProcessState } from './stream.ts';
import { asNumber, type Tracker } from './tracker.ts';
import type { Watched } from './view.ts';

/** More bars than a chart of 16 rows has room for. */
const MOST_BARS = 150;

/** @returns the process's line in the list of all */
export function processRow(watched: Watched, findings: readonly FindingRow[]): ProcessRow {
  const { id, pid, command = '', name = '', instance, snapshot } = watched;
  const { rss, live, pinned } = measure(GAUGES, snapshot);
  return {
    id,
    pid: pid && forTerminal(pid),
    command: forTerminal(command),
    name: forTerminal(name),
    instance: instance && forTerminal(instance),
    rss: asNumber(rss),
    live: asNumber(live),
    pinned: asNumber(pinned),
    findings: findings.filter(({ severity }) => severity !== 'info').length,
  };
}

/** @returns everything the page shows of one process; undefined before its first sample */
export function processState(
  watched: Watched,
  tracker: Tracker,
  findings: readonly FindingRow[],
): ProcessState | undefined {
  const { reading, points, epochs } = tracker;
  const point = points.at(-1);
  if (!reading || !point) return undefined;
  const { snapshot } = watched;
  return {
    id: watched.id,
    version: forTerminal([snapshot.allocator?.name, snapshot.allocator?.version].filter(Boolean).join(' ')),
    point,
    torn: snapshot.torn === true,
    classes: classRows(reading),
    epochs: bars(epochs, points[0]?.[0] ?? 0),
    findings,
  };
}

function classRows({ snapshot, delta }: Reading): ClassRow[] {
  const byClass = new Map<ClassStats, ClassDelta>(
    delta?.continuous ? delta.classes.map((one) => [one.holder, one]) : [],
  );
  return snapshot.classes.map((cls) => {
    const changes = byClass.get(cls)?.changes ?? {};
    const rate = (field: string) => perSecond(changes[field], delta?.elapsedNs) ?? null;
    return {
      size: Number(cls.object_size),
      liveObjects: asNumber(cls.live_objects),
      live: asNumber(cls.live_bytes),
      committed: asNumber(cls.committed_bytes),
      pinned: asNumber(cls.pinned_waste_bytes),
      allocations: rate('bitmap_alloc_attempts'),
      slowPaths: rate('slow_path_hits'),
      contended: rate('lock_contended'),
    };
  });
}

/** Those that hold something now, then those that held most, oldest first. */
function bars(spans: readonly EpochSpan[], sinceMs: number): EpochBar[] {
  const seen = spans.filter(({ to }) => to.timeNs === undefined || Number(to.timeNs) / 1e6 >= sinceMs);
  const latest = Math.max(...seen.map(({ to }) => to.index));
  const rank = (span: EpochSpan) => (span.to.index === latest ? 0 : 1);
  return seen
    .toSorted((a, b) => rank(a) - rank(b) || compare(b.peakBytes, a.peakBytes))
    .slice(0, MOST_BARS)
    .sort((a, b) => a.from.index - b.from.index)
    .map(bar);
}

function bar({ id, era, label = '', from, to, closing, peakBytes, last }: EpochSpan): EpochBar {
  const ms = ({ timeNs }: { timeNs: EpochSpan['from']['timeNs'] }) => (timeNs === undefined ? 0 : Number(timeNs) / 1e6);
  return {
    id: Number(id),
    era: asNumber(era),
    label: forTerminal(label),
    fromMs: ms(from),
    toMs: ms(to),
    closingMs: closing ? ms(closing) : null,
    peak: Number(peakBytes),
    state: last.state ?? '',
    age: asNumber(last.age_sec),
    refcount: asNumber(last.refcount),
    liveObjects: asNumber(last.live_objects),
    pinned: asNumber(last.pinned_waste_bytes),
    bytes: asNumber(last.estimated_rss_bytes),
  };
}
