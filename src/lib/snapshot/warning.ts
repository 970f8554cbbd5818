import type { U64 } from './u64.ts';

/**
 * Something about a snapshot that a person should know and that does not stop them from using it: a law its numbers break, or a fault of
 * its producer that the reader recognised and got past. Data only; phrases.ts has the words.
 */
export type Warning =
  // laws of the contract
  | { code: 'total-is-not-sum'; pointer: string; classField: string; expected: U64; found: U64 }
  | { code: 'classes-disagree-with-epochs'; field: string; classes: U64; epochs: U64 }
  | { code: 'reclaimable-exceeds-held'; pointer: string; held: U64; found: U64 }
  | { code: 'mapped-is-not-sum'; pointer: string; expected: U64; found: U64 }
  | { code: 'live-is-not-allocs-minus-frees'; pointer: string; expected: U64; found: U64 }
  | { code: 'frees-exceed-allocs'; pointer: string; allocs: U64; frees: U64 }
  | { code: 'labels-disagree-with-total'; pointer: string; expected: U64; found: U64 }
  | { code: 'causes-exceed-slow-path'; pointer: string; causes: U64; found: U64 }
  | { code: 'epoch-listed-twice'; pointer: string; epochId: U64 }
  | { code: 'counter-went-down'; pointer: string; before: U64; after: U64 }
  // known faults of other producers
  | { code: 'reclaimable-underflow'; pointer: string; held: U64; found: U64 }
  | { code: 'current-epoch-unwrapped'; pointer: string; epochCount: U64; found: U64 }
  | { code: 'net-slabs-clamped'; pointer: string; held: U64 }
  | { code: 'missing-comma'; line: number; count: number }
  | { code: 'invalid-utf8'; line: number }
  | { code: 'text-around-json'; line: number; bytes: number }
  // the producer's own word
  | { code: 'torn' };

export type WarningCode = Warning['code'];
