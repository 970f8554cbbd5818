import { subtract } from '../../snapshot/u64.ts';
import {
  age,
  allIdle,
  byLabel,
  closedFor,
  epochEvidence,
  isIdle,
  ownerOf,
  refOf,
  sumOf,
  type Watched,
  watchedEpochs,
} from '../epochs.ts';
import type { Arguments, Confidence, Severity } from '../finding.ts';
import type { Observation } from '../observation.ts';
import { finding, type Rule } from '../rule.ts';
import type { Limits } from '../thresholds.ts';

type Sign = Arguments['refcount-leak']['sign'];

/** Domains entered and not left. A domain in a young epoch is somebody at work; it takes age, or nobody left to leave, to be a bug. */
export const refcountLeak: Rule<'refcount-leak'> = {
  code: 'refcount-leak',
  judges: 'state',
  fields: [['/epochs/*/refcount'], ['/epochs/*/age_sec']],
  judge(observation, limits) {
    const signed = watchedEpochs(observation).flatMap((one) => {
      const sign = signOf(one, observation, limits);
      return sign ? [{ one, sign }] : [];
    });
    const signs = [...new Set(signed.map(({ sign }) => sign))];
    return signs.flatMap((sign) =>
      byLabel(signed.filter((leak) => leak.sign === sign).map(({ one }) => one)).map(({ epochs }) => {
        const idle = allIdle(epochs);
        const [severity, confidence] = grade(sign, epochs, idle, limits);
        return finding(
          'refcount-leak',
          severity,
          confidence,
          ownerOf(epochs),
          epochEvidence(epochs, 'refcount', areClosing(epochs) ? 'closing_sec' : 'age_sec'),
          {
            epochs: epochs.map(refOf),
            domains: sumOf(epochs, 'refcount'),
            sign,
            ...(idle !== undefined && { idle }),
          },
        );
      }),
    );
  },
};

function signOf(one: Watched, { last }: Observation, limits: Limits<'refcount-leak'>): Sign | undefined {
  const { epoch, history } = one;
  if (!epoch.refcount) return undefined;
  const grew = Number(subtract(epoch.refcount, history.first.refcount ?? 0));
  if (history.samples > 2 && !history.refcountFell && grew >= limits.growth) return 'growing';
  // A thread that ends inside stays counted, and its domain can be left no more. What a process that was killed had open is no bug.
  if (last.thread_count === 0 && last.process?.live !== false) return 'no-threads';
  // Somebody left and somebody entered while it was watched, or nobody was inside for a moment: it is in use.
  if (history.refcountFell && Number(history.leastRefcount) === 0) return undefined;
  const isOld = epoch.state === 'CLOSING' ? closedFor(one) >= limits['closing-age'] : age(one) >= limits.age;
  if (isOld) return 'old';
  const since = Number(subtract(newestEra(last.epochs ?? []), epoch.epoch_era ?? 0));
  const overtaken = epoch.epoch_era !== undefined && since >= limits.overtaken && age(one) >= limits['overtaken-age'];
  const still = history.samples > 1 && grew === 0 && !history.refcountFell && isIdle(one) === true;
  return overtaken && still ? 'overtaken' : undefined;
}

function newestEra(epochs: NonNullable<Observation['last']['epochs']>): number {
  return Math.max(0, ...epochs.map(({ epoch_era }) => Number(epoch_era ?? 0)));
}

function grade(
  sign: Sign,
  epochs: readonly Watched[],
  idle: boolean | undefined,
  limits: Limits<'refcount-leak'>,
): [Severity, Confidence] {
  if (sign === 'no-threads') return ['error', 'high'];
  if (sign === 'growing') return ['error', 'medium'];
  if (sign === 'overtaken')
    return epochs.some(({ history }) => history.seconds >= limits['idle-for'])
      ? ['warning', 'medium']
      : ['info', 'low'];
  // The lifetime was declared over, and somebody is still inside.
  if (epochs.every(({ epoch }) => epoch.state === 'CLOSING')) return ['error', 'high'];
  if (idle === true) return ['error', 'high'];
  // Old, and allocated from all the time: a worker that lives as long as its epoch looks the same.
  return idle === false ? ['info', 'low'] : ['warning', 'medium'];
}

function areClosing(epochs: readonly Watched[]): boolean {
  return epochs.every(({ epoch }) => epoch.state === 'CLOSING' && epoch.closing_sec !== undefined);
}
