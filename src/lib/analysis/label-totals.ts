import { LABEL } from '../metrics/catalogue.ts';
import type { ByLabel, EpochStats, Snapshot } from '../snapshot/model.ts';
import { add, max, type U64 } from '../snapshot/u64.ts';

/** What one label holds over all its epochs, and how it contended over all classes. */
export interface LabelTotals {
  /** Hostile text; '' for unlabeled. */
  readonly label: string;
  readonly epochs: number;
  readonly domains: U64;
  readonly estimatedRssBytes: U64;
  readonly oldestSec: U64;
  /** Absent in builds without contention by label. */
  readonly contention?: { readonly [F in keyof ByLabel]: U64 };
}

/** @returns one entry per label that an epoch bears or that the registry names, in order of appearance; [] for producers without labels */
export function labelTotals(snapshot: Snapshot): LabelTotals[] {
  const registered = Object.entries(snapshot.label_registry?.labels ?? {});
  const byLabel = new Map<string, EpochStats[]>(registered.map(([id, text]) => [id === '0' ? '' : text, []]));
  for (const epoch of snapshot.epochs ?? []) {
    if (epoch.label === undefined) continue;
    const held = byLabel.get(epoch.label);
    if (held) held.push(epoch);
    else byLabel.set(epoch.label, [epoch]);
  }
  const ids = new Map(registered.map(([id, text]) => [id === '0' ? '' : text, id]));
  return [...byLabel].map(([label, epochs]) => {
    const contention = contentionOf(snapshot, ids.get(label));
    return {
      label,
      epochs: epochs.length,
      domains: total(epochs, 'refcount'),
      estimatedRssBytes: total(epochs, 'estimated_rss_bytes'),
      oldestSec: epochs.reduce<U64>((oldest, { age_sec = 0 }) => max(age_sec, oldest), 0),
      ...(contention && { contention }),
    };
  });
}

function total(epochs: readonly EpochStats[], field: 'refcount' | 'estimated_rss_bytes'): U64 {
  return epochs.reduce<U64>((sum, epoch) => add(sum, epoch[field] ?? 0), 0);
}

function contentionOf({ classes }: Snapshot, id: string | undefined): LabelTotals['contention'] {
  const split = classes.flatMap((cls) => cls.contention_by_label ?? []);
  if (id === undefined || split.length === 0) return undefined;
  return Object.fromEntries(
    LABEL.map(({ field }) => [field, split.reduce<U64>((sum, byLabel) => add(sum, byLabel[field]?.[id] ?? 0), 0)]),
  );
}
