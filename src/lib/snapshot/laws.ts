import { CLASS, LABEL, TOP } from '../metrics/catalogue.ts';
import { numberIn, sumOfFields } from '../metrics/read.ts';
import type { ClassStats, Snapshot } from './model.ts';
import { add, compare, subtract, sum, type U64 } from './u64.ts';
import type { Warning } from './warning.ts';

/** One law of the snapshot contract: what always adds up in a correct producer. */
export interface Law {
  /** The law in words, as the contract states it. */
  readonly states: string;
  /** @returns one warning for each place that breaks the law; none where the numbers it needs are absent */
  readonly check: (snapshot: Snapshot) => Warning[];
}

export const LAWS: readonly Law[] = [
  { states: 'every total is the sum of its class field', check: totals },
  { states: 'partial and full slabs of all classes are those of all epochs', check: slabsByEpoch },
  { states: 'reclaimable slabs are among the partial and full ones', check: reclaimable },
  { states: 'slabs mapped are partial, full, cached and overflow', check: mapped },
  { states: 'allocations minus frees are the live objects', check: liveObjects },
  { states: 'each contention counter is the sum over its labels', check: labels },
  { states: 'known causes of slow paths never exceed the slow paths', check: causes },
  { states: 'the current epoch is a slot of the ring, and no epoch is listed twice', check: ring },
  { states: 'slabs in use are not 0 while slabs are held', check: clamped },
  { states: 'all sections are read at one instant', check: (snapshot) => (snapshot.torn ? [{ code: 'torn' }] : []) },
];

/** @returns every law the snapshot breaks and every known producer's fault it shows, in the order of LAWS */
export function checkLaws(snapshot: Snapshot): Warning[] {
  return LAWS.flatMap((law) => law.check(snapshot));
}

/**
 * @param before an earlier snapshot of the same (pid, instance)
 * @returns the counters that went down in between
 */
export function checkMonotonic(before: Snapshot, after: Snapshot): Warning[] {
  const found: Warning[] = [];
  const look = (
    rows: readonly { field: string; kind: string }[],
    a: Parameters<typeof numberIn>[0],
    b: typeof a,
    at: string,
  ) => {
    for (const { field, kind } of rows) {
      if (kind !== 'counter') continue;
      const was = numberIn(a, field);
      const is = numberIn(b, field);
      if (was !== undefined && is !== undefined && compare(is, was) < 0)
        found.push({ code: 'counter-went-down', pointer: `${at}/${field}`, before: was, after: is });
    }
  };
  look(TOP, before, after, '');
  after.classes.forEach((cls, i) => {
    const earlier = before.classes[i];
    if (earlier && earlier.object_size === cls.object_size) look(CLASS, earlier, cls, `/classes/${i}`);
  });
  return found;
}

/** @returns the field's sum over all holders, or undefined where one lacks it */
function sumOver(holders: readonly Parameters<typeof numberIn>[0][], field: string): U64 | undefined {
  const values = holders.map((holder) => numberIn(holder, field));
  return values.every((value) => value !== undefined) ? sum(values) : undefined;
}

function totals(snapshot: Snapshot): Warning[] {
  return TOP.flatMap((row): Warning[] => {
    const classField = 'sumOf' in row ? (row.sumOf as string) : undefined;
    const found = snapshot[row.field];
    if (classField === undefined || found === undefined) return [];
    const expected = sumOver(snapshot.classes, classField);
    if (expected === undefined || expected === found) return [];
    return [{ code: 'total-is-not-sum', pointer: `/${row.field}`, classField, expected, found }];
  });
}

function slabsByEpoch({ classes, epochs }: Snapshot): Warning[] {
  if (!epochs) return [];
  return (['total_partial_slabs', 'total_full_slabs', 'total_reclaimable_slabs', 'live_objects'] as const).flatMap(
    (field): Warning[] => {
      const byClass = sumOver(classes, field);
      const byEpoch = sumOver(epochs, field);
      if (byClass === undefined || byEpoch === undefined || byClass === byEpoch) return [];
      return [{ code: 'classes-disagree-with-epochs', field, classes: byClass, epochs: byEpoch }];
    },
  );
}

/** A count this large cannot be slabs: 2^31 slabs of 4 KiB are 8 TiB. It is a small negative number read as unsigned, or a sum of such. */
const WRAPPED = 2 ** 31;

function reclaimable({ classes, epochs = [] }: Snapshot): Warning[] {
  const at = (holders: readonly (ClassStats | NonNullable<Snapshot['epochs']>[number])[], name: string) =>
    holders.flatMap((holder, i): Warning[] => {
      const found = holder.total_reclaimable_slabs;
      const held = sumOfFields(holder, ['total_partial_slabs', 'total_full_slabs']);
      if (found === undefined || held === undefined || compare(found, held) <= 0) return [];
      const code = found >= WRAPPED ? 'reclaimable-underflow' : 'reclaimable-exceeds-held';
      return [{ code, pointer: `/${name}/${i}/total_reclaimable_slabs`, held, found }];
    });
  return [...at(classes, 'classes'), ...at(epochs, 'epochs')];
}

function mapped({ classes }: Snapshot): Warning[] {
  return classes.flatMap((cls, i): Warning[] => {
    const found = cls.slabs_mapped;
    const expected = sumOfFields(cls, ['total_partial_slabs', 'total_full_slabs', 'cache_size', 'cache_overflow_len']);
    if (found === undefined || expected === undefined || found === expected) return [];
    return [{ code: 'mapped-is-not-sum', pointer: `/classes/${i}/slabs_mapped`, expected, found }];
  });
}

function liveObjects({ classes }: Snapshot): Warning[] {
  return classes.flatMap((cls, i): Warning[] => {
    const { bitmap_alloc_attempts: allocs, bitmap_free_attempts: frees, live_objects: found } = cls;
    if (allocs === undefined || frees === undefined) return [];
    const pointer = `/classes/${i}/live_objects`;
    const expected = subtract(allocs, frees);
    if (expected < 0)
      return [{ code: 'frees-exceed-allocs', pointer: `/classes/${i}/bitmap_free_attempts`, allocs, frees }];
    if (found === undefined || found === expected) return [];
    return [{ code: 'live-is-not-allocs-minus-frees', pointer, expected, found }];
  });
}

function labels({ classes }: Snapshot): Warning[] {
  return classes.flatMap((cls, i) =>
    LABEL.flatMap(({ field }): Warning[] => {
      const byLabel = cls.contention_by_label?.[field];
      const expected = cls[field];
      if (!byLabel || expected === undefined) return [];
      const found = sum(Object.values(byLabel));
      if (found === expected) return [];
      return [
        { code: 'labels-disagree-with-total', pointer: `/classes/${i}/contention_by_label/${field}`, expected, found },
      ];
    }),
  );
}

function causes({ classes }: Snapshot): Warning[] {
  return classes.flatMap((cls, i): Warning[] => {
    const { slow_path_hits: found, slow_path_cache_miss: miss, slow_path_epoch_closed: closed } = cls;
    if (found === undefined || miss === undefined || closed === undefined) return [];
    const known = add(miss, closed);
    return compare(known, found) <= 0
      ? []
      : [{ code: 'causes-exceed-slow-path', pointer: `/classes/${i}/slow_path_hits`, causes: known, found }];
  });
}

function ring(snapshot: Snapshot): Warning[] {
  const { current_epoch: found, epochs = [] } = snapshot;
  const warnings: Warning[] = [];
  const epochCount = snapshot.epoch_count ?? (epochs.length || undefined);
  if (found !== undefined && epochCount !== undefined && compare(found, epochCount) >= 0)
    warnings.push({ code: 'current-epoch-unwrapped', pointer: '/current_epoch', epochCount, found });
  const seen = new Set<string>();
  epochs.forEach((epoch, i) => {
    const name = `${epoch.epoch_id}/${epoch.epoch_era ?? ''}`;
    if (seen.has(name))
      warnings.push({ code: 'epoch-listed-twice', pointer: `/epochs/${i}/epoch_id`, epochId: epoch.epoch_id });
    seen.add(name);
  });
  return warnings;
}

function clamped({ classes }: Snapshot): Warning[] {
  return classes.flatMap((cls, i): Warning[] => {
    const held = sumOfFields(cls, ['total_partial_slabs', 'total_full_slabs']);
    if (cls.net_slabs !== 0 || held === undefined || held === 0) return [];
    return [{ code: 'net-slabs-clamped', pointer: `/classes/${i}/net_slabs`, held }];
  });
}
