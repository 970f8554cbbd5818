import type { Snapshot } from '../../snapshot/model.ts';
import { compare } from '../../snapshot/u64.ts';
import { type Close, closeOf } from '../close.ts';

const MAX_CLOSES = 50;

/** Collects the closes of a recording in bounded memory: of too many, those that offered most stay. */
export class Closes {
  #closes = new Map<string, Close>();
  /** Some were left out. */
  isPart = false;

  add({ epochs = [] }: Snapshot, run: number): void {
    for (const epoch of epochs) {
      const close = closeOf(epoch);
      if (close) this.#closes.set(`${run}/${close.id}/${close.era}`, close);
    }
    if (this.#closes.size > 8 * MAX_CLOSES) this.#drop();
  }

  /** Most offered first. */
  closes(): Close[] {
    this.#drop();
    return [...this.#closes.values()].sort(byOffer);
  }

  #drop(): void {
    if (this.#closes.size <= MAX_CLOSES) return;
    this.isPart = true;
    this.#closes = new Map([...this.#closes].sort(([, a], [, b]) => byOffer(a, b)).slice(0, MAX_CLOSES));
  }
}

function byOffer(a: Close, b: Close): number {
  return compare(b.offeredBytes, a.offeredBytes);
}
