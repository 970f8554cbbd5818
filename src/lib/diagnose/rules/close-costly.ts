import { dearestCloses, type OneClose } from '../closes.ts';
import { CLOSING_FIELDS, closingOf } from '../closing.ts';
import { chiefOwner, watchedEpochs } from '../epochs.ts';
import { finding, type Rule } from '../rule.ts';

/** Closes that take long: whoever leaves last, or calls epoch_close, waits for it. */
export const closeCostly: Rule<'close-costly'> = {
  code: 'close-costly',
  judges: 'counts',
  fields: CLOSING_FIELDS,
  judge(observation, limits) {
    const { calls, totalNs, meanNs, timeShare, evidence } = closingOf(observation);
    const slow = Number(calls) >= limits.calls && meanNs >= limits.mean;
    // Closes of several threads add up, and where processors are short each of them waits for one: so it is the threads' time that counts.
    const shareOfThreads = (timeShare ?? 0) / Math.max(1, Number(observation.last.thread_count ?? 1));
    const busy =
      observation.delta !== undefined && shareOfThreads >= limits['time-share'] && meanNs >= limits['busy-mean'];
    const confidence = observation.delta ? 'high' : 'medium';
    if (slow || busy)
      return [
        finding('close-costly', 'warning', confidence, chiefOwner(watchedEpochs(observation), 'close_ns'), evidence, {
          sign: 'all',
          calls,
          totalNs,
          meanNs,
          ...(timeShare !== undefined && { timeShare }),
        }),
      ];
    // The mean hides one long close among many cheap ones. Few slabs are no work: that thread was waiting.
    const long = ({ ns, slabs }: OneClose) => ns >= limits.one && Number(slabs) >= limits.slabs;
    return dearestCloses(observation)
      .filter(long)
      .map(({ owner, ns, calls, totalNs, slabs, evidence }) =>
        finding('close-costly', 'warning', confidence, owner, evidence, {
          sign: 'one',
          calls,
          totalNs,
          meanNs: ns,
          slabs,
        }),
      );
  },
};
