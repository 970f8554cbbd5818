import type { ByLabel } from '../../snapshot/model.ts';
import { add, ratio, type U64 } from '../../snapshot/u64.ts';
import { totals } from '../counts.ts';
import type { Evidence } from '../finding.ts';
import type { Observation } from '../observation.ts';
import { finding, type Rule } from '../rule.ts';

type Counter = keyof ByLabel;

const RETRIES = [
  { on: 'alloc', counter: 'bitmap_alloc_cas_retries', attempts: 'total_bitmap_alloc_attempts' },
  { on: 'free', counter: 'bitmap_free_cas_retries', attempts: 'total_bitmap_free_attempts' },
] as const;

/** One label that most contention is charged to. */
export const labelContention: Rule<'label-contention'> = {
  code: 'label-contention',
  judges: 'counts',
  fields: [['/classes/*/contention_by_label/lock_contended'], ['/label_registry/labels']],
  judge(observation, limits) {
    const labels = Object.entries(observation.last.label_registry?.labels ?? {});
    const confidence = observation.delta ? 'high' : 'medium';
    return labels.flatMap(([id, text]) => {
      const label = id === '0' ? '' : text;
      const count = (counter: Counter) => countOf(observation, counter, id);
      const contended = count('lock_contended');
      const of = add(contended, count('lock_fast_acquire'));
      const share = ratio(contended, of) ?? 0;
      const ofAll = ratio(contended, allOf(observation, 'lock_contended')) ?? 0;
      const locks =
        Number(contended) >= limits.contended &&
        ofAll >= limits['of-all'] &&
        share >= Math.min(limits['notice-rate'], limits.rate)
          ? [
              finding(
                'label-contention',
                share >= limits.rate ? 'warning' : 'info',
                confidence,
                { label, ...worstClass(observation, 'lock_contended', id) },
                evidence(observation, id, 'lock_contended', 'lock_fast_acquire'),
                { on: 'lock', events: contended, of, share, ofAll },
              ),
            ]
          : [];
      const retries = RETRIES.flatMap(({ on, counter, attempts }) => {
        const events = count(counter);
        const of = totals(observation).of(attempts) ?? 0;
        const rate = ratio(events, of) ?? 0;
        const ofAll = ratio(events, allOf(observation, counter)) ?? 0;
        if (Number(events) < limits.contended || ofAll < limits['of-all'] || rate < limits['retry-rate']) return [];
        return [
          finding(
            'label-contention',
            'warning',
            confidence,
            { label, ...worstClass(observation, counter, id) },
            evidence(observation, id, counter),
            {
              on,
              events,
              of,
              share: rate,
              ofAll,
            },
          ),
        ];
      });
      return [...locks, ...retries];
    });
  },
};

function inClass({ last, delta }: Observation, index: number, counter: Counter, id: string): U64 {
  return (
    (delta
      ? delta.classes[index]?.byLabel[counter]?.[id]
      : last.classes[index]?.contention_by_label?.[counter]?.[id]) ?? 0
  );
}

function countOf(observation: Observation, counter: Counter, id: string): U64 {
  return observation.last.classes.reduce<U64>((total, _, i) => add(total, inClass(observation, i, counter, id)), 0);
}

function allOf(observation: Observation, counter: Counter): U64 {
  const ids = Object.keys(observation.last.label_registry?.labels ?? {});
  return ids.reduce<U64>((total, id) => add(total, countOf(observation, counter, id)), 0);
}

/** The class in which the label contends most. */
function worstIndex(observation: Observation, counter: Counter, id: string): number {
  const counts = observation.last.classes.map((_, i) => Number(inClass(observation, i, counter, id)));
  return counts.indexOf(Math.max(...counts));
}

function worstClass(observation: Observation, counter: Counter, id: string) {
  const worst = observation.last.classes[worstIndex(observation, counter, id)];
  return worst ? { objectSize: worst.object_size } : {};
}

function evidence(observation: Observation, id: string, first: Counter, ...more: Counter[]): Evidence[] {
  const index = worstIndex(observation, first, id);
  return [first, ...more].map((counter) => ({
    metric: counter,
    pointer: `/classes/${index}/contention_by_label/${counter}/${id}`,
    value: inClass(observation, index, counter, id),
    unit: 'events',
    basis: observation.delta ? 'window' : 'since-start',
  }));
}
