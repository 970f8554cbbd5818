import type { Warning } from './warning.ts';

/** @returns one sentence, no full stop. Holds names and numbers only, never text from the watched program. */
export function phrase(warning: Warning): string {
  switch (warning.code) {
    case 'total-is-not-sum':
      return `${warning.pointer} is ${warning.found}, but ${warning.classField} of all classes adds up to ${warning.expected}`;
    case 'classes-disagree-with-epochs':
      return `${warning.field} of all classes is ${warning.classes}, of all epochs ${warning.epochs}`;
    case 'reclaimable-exceeds-held':
      return `${warning.pointer} is ${warning.found}, more than the ${warning.held} slabs held`;
    case 'mapped-is-not-sum':
      return `${warning.pointer} is ${warning.found}, but partial, full, cached and overflow slabs add up to ${warning.expected}`;
    case 'live-is-not-allocs-minus-frees':
      return `${warning.pointer} is ${warning.found}, but allocations minus frees are ${warning.expected}`;
    case 'frees-exceed-allocs':
      return `${warning.pointer} counts ${warning.frees} frees of only ${warning.allocs} allocations`;
    case 'labels-disagree-with-total':
      return `${warning.pointer} adds up to ${warning.found} over all labels, but the unlabelled total is ${warning.expected}`;
    case 'causes-exceed-slow-path':
      return `${warning.pointer} is ${warning.found}, fewer than the ${warning.causes} slow paths whose cause is known`;
    case 'epoch-listed-twice':
      return `${warning.pointer} is epoch ${warning.epochId}, which the snapshot lists twice`;
    case 'counter-went-down':
      return `${warning.pointer} went down from ${warning.before} to ${warning.after} in the same process`;
    case 'reclaimable-underflow':
      return `${warning.pointer} is ${warning.found}: a count that fell below 0 and wrapped (${warning.held} slabs are held)`;
    case 'current-epoch-unwrapped':
      return `${warning.pointer} is ${warning.found} in a ring of ${warning.epochCount}: the producer forgot to wrap it`;
    case 'net-slabs-clamped':
      return `${warning.pointer} is 0 while ${warning.held} slabs are held: the producer clamped it`;
    case 'missing-comma':
      return `line ${warning.line}: ${warning.count} missing comma${warning.count === 1 ? '' : 's'} between entries; read as if present`;
    case 'invalid-utf8':
      return `line ${warning.line}: bytes that are not UTF-8; shown as U+FFFD`;
    case 'text-around-json':
      return `line ${warning.line}: ${warning.bytes} bytes of other text skipped before the snapshot`;
    case 'torn':
      return 'the producer could not read all sections at one instant; numbers may disagree';
  }
}
