import { add, type U64 } from '../../snapshot/u64.ts';
import { byLabel, closedFor, epochEvidence, holdsOf, ownerOf, refOf, slabBytesOf, watchedEpochs } from '../epochs.ts';
import { finding, type Rule } from '../rule.ts';

/** Objects that nobody frees although their lifetime was declared over, and nobody is inside who could. */
export const epochNotDraining: Rule<'epoch-not-draining'> = {
  code: 'epoch-not-draining',
  judges: 'state',
  fields: [['/epochs/*/state'], ['/epochs/*/age_sec'], ['/epochs/*/live_objects', '/epochs/*/total_partial_slabs']],
  judge(observation, limits) {
    const stuck = watchedEpochs(observation).filter(
      (one) =>
        one.epoch.state === 'CLOSING' &&
        !one.epoch.refcount &&
        closedFor(one) >= limits.age &&
        Number(holdsOf(one)) >= limits.objects,
    );
    return byLabel(stuck).map(({ epochs }) => {
      const watched = epochs.every(({ history }) => (history.closing?.samples ?? 0) > 1);
      const draining = watched ? epochs.some(({ history }) => history.liveFell) : undefined;
      return finding(
        'epoch-not-draining',
        draining === true ? 'info' : 'warning',
        draining === undefined ? 'medium' : draining ? 'low' : 'high',
        ownerOf(epochs),
        epochEvidence(epochs, 'live_objects', 'closing_sec', 'age_sec', 'estimated_rss_bytes'),
        {
          epochs: epochs.map(refOf),
          objects: epochs.reduce<U64>((total, one) => add(total, holdsOf(one)), 0),
          bytes: slabBytesOf(epochs),
          ...(draining !== undefined && { draining }),
        },
      );
    });
  },
};
