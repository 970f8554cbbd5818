import { add, ratio } from '../../snapshot/u64.ts';
import { totals } from '../counts.ts';
import { byLabel, holdsOf, watchedEpochs } from '../epochs.ts';
import { finding, type Rule } from '../rule.ts';

/** Advances refused because every slot was held. */
export const ringExhausted: Rule<'ring-exhausted'> = {
  code: 'ring-exhausted',
  judges: 'counts',
  fields: [['/epoch_advances_refused'], ['/epoch_advances']],
  judge(observation, limits) {
    const counts = totals(observation);
    const [refused = 0, advances = 0] = [counts.of('epoch_advances_refused'), counts.of('epoch_advances')];
    if (Number(refused) < limits.refused) return [];
    const share = ratio(refused, add(refused, advances)) ?? 0;
    const held = watchedEpochs(observation).filter(
      (one) => one.epoch.state === 'ACTIVE' || Number(one.epoch.refcount ?? 0) > 0 || Number(holdsOf(one)) > 0,
    );
    const holders = byLabel(held)
      .map(({ label = '', epochs }) => ({ label, slots: epochs.length }))
      .sort((a, b) => b.slots - a.slots);
    const [first] = holders;
    return [
      finding(
        'ring-exhausted',
        share >= limits.share ? 'warning' : 'info',
        'certain',
        first && first.slots * 2 > held.length ? { label: first.label } : {},
        counts.evidence('epoch_advances_refused', 'epoch_advances'),
        { refused, advances, slots: observation.last.epoch_count ?? observation.epochs.length, holders },
      ),
    ];
  },
};
