import { add, compare, subtract, type U64 } from '../../snapshot/u64.ts';
import type { Counter, Gauge, Measured } from './measures.ts';

export interface GaugeSummary {
  readonly first: U64;
  readonly last: U64;
  readonly lowest: U64;
  readonly highest: U64;
}

/** Exact figures over every snapshot, whatever the charts leave out. */
export class Extremes {
  readonly gauges = new Map<Gauge, GaugeSummary>();
  /** What each counter rose by; steps across a restart are left out. */
  readonly rises = new Map<Counter, U64>();

  gauge(measured: Measured<Gauge>): void {
    for (const [name, value] of Object.entries(measured) as [Gauge, U64][]) {
      const known = this.gauges.get(name);
      this.gauges.set(name, {
        first: known?.first ?? value,
        last: value,
        lowest: known && compare(known.lowest, value) < 0 ? known.lowest : value,
        highest: known && compare(known.highest, value) > 0 ? known.highest : value,
      });
    }
  }

  rise(before: Measured<Counter>, after: Measured<Counter>): void {
    for (const [name, value] of Object.entries(after) as [Counter, U64][]) {
      const was = before[name];
      if (was !== undefined) this.rises.set(name, add(this.rises.get(name) ?? 0, subtract(value, was)));
    }
  }
}
