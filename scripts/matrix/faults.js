/**
 * What is planted, how strongly, and what tslab doctor is to say about it. Add a fault by adding a row.
 *
 * `below`, `at`, `above`: strengths against the threshold that doctor states, as AMOUNT[@AGE_SEC] of native/faults (`fault_service --list` has the units).
 * Below it nothing of that code may be a warning or worse; at it and above it, it must be, and name the owner.
 * @typedef {'below' | 'at' | 'above'} Strength
 * @typedef {{
 *   fault: string,
 *   code: string,
 *   severity?: 'warning' | 'info',
 *   label?: string,
 *   objectSize?: number,
 *   build?: 'labels',
 *   also?: string[],
 *   note?: string,
 * } & Partial<Record<Strength, string>>} FaultRow
 *
 * severity: from which on it counts as found (warning) · label, objectSize: whom the finding must name · also: what else it rightly causes
 */

/** @type {FaultRow[]} */
export const FAULTS = [
  {
    fault: 'refcount-active',
    code: 'refcount-leak',
    label: 'leaky-importer',
    below: '1@200',
    at: '1@300',
    above: '3@650',
  },
  {
    fault: 'refcount-closing',
    code: 'refcount-leak',
    label: 'leaky-exporter',
    below: '1@30',
    at: '1@60',
    above: '2@650',
  },
  { fault: 'refcount-growing', code: 'refcount-leak', label: 'leaky-poller', below: '1', at: '6', above: '40' },
  {
    fault: 'objects-leaked',
    code: 'epoch-not-draining',
    label: 'leaky-parser',
    below: '5000@200',
    at: '1@300',
    above: '5000@650',
  },
  {
    fault: 'active-old',
    code: 'epoch-active-old',
    label: 'forgotten-batch',
    below: '0.5@650',
    at: '1.1@300',
    above: '8@650',
  },
  {
    fault: 'alloc-into-closing',
    code: 'alloc-into-closing',
    label: 'late-writer',
    below: '30',
    at: '250',
    above: '5000',
  },
  { fault: 'burst', code: 'cache-undersized', objectSize: 512, below: '1', at: '4', above: '16' },
  {
    fault: 'mapping-churn',
    code: 'mapping-churn',
    below: '128',
    at: '600',
    above: '1200',
    also: ['cache-undersized'],
    note: 'what goes to the kernel and comes back was not in the cache either',
  },
  {
    fault: 'sparse-survivors',
    code: 'pinned-memory',
    label: 'sparse-index',
    below: '3@100',
    at: '4.5@60',
    above: '64@650',
    also: ['epoch-not-draining'],
    note: 'at 650 s they are leaked objects as well',
  },
  {
    fault: 'never-closed',
    code: 'reclaimable-not-returned',
    label: 'emptied-buffers',
    below: '1@100',
    at: '3@60',
    above: '6@200',
  },
  { fault: 'madvise-fails', code: 'madvise-failures', at: '2', above: '60' },
  {
    fault: 'locked-memory',
    code: 'madvise-failures',
    above: '1',
    also: ['rss-not-allocator'],
    note: 'memory that nobody takes back makes RSS grow',
  },
  { fault: 'madvise-ignored', code: 'kernel-not-cooperating', below: '40', at: '85', above: '100' },
  { fault: 'low-yield', code: 'close-yield-low', below: '10', at: '300', above: '900' },
  { fault: 'madvise-slow', code: 'close-costly', below: '100', at: '4000', above: '20000' },
  { fault: 'large-close', code: 'close-costly', below: '64', above: '384' },
  { fault: 'lock-busy', code: 'lock-contention', objectSize: 768, below: '10', at: '22', above: '60' },
  { fault: 'lock-contention', code: 'lock-contention', objectSize: 768, below: '2' },
  { fault: 'cas-counted', code: 'cas-contention', objectSize: 64, below: '2', at: '5.5', above: '20' },
  {
    fault: 'lock-busy',
    code: 'label-contention',
    label: 'hot-loader',
    build: 'labels',
    below: '10',
    at: '22',
    above: '60',
    also: ['lock-contention'],
  },
  {
    fault: 'cas-counted',
    code: 'label-contention',
    label: 'hot-queue',
    build: 'labels',
    below: '2',
    at: '6.5',
    above: '20',
    also: ['cas-contention'],
  },
  {
    fault: 'ring-exhausted',
    code: 'ring-exhausted',
    label: 'epoch-hoarder',
    below: '10',
    at: '13',
    above: '16',
  },
  { fault: 'label-registry-full', code: 'label-registry-full', below: '10', at: '13', above: '40' },
  { fault: 'other-growth', code: 'rss-not-allocator', below: '2', at: '8', above: '60' },
  { fault: 'causes-without-effects', code: 'law-broken', at: '1000000', above: '100000000' },
  { fault: 'torn-section', code: 'source-torn', above: '1' },
];

/** Two at once: each is to be found beside the other. Strengths are `above`. */
export const PAIRS = [
  ['refcount-active', 'objects-leaked'],
  ['refcount-active', 'sparse-survivors'],
  ['refcount-closing', 'active-old'],
  ['refcount-growing', 'alloc-into-closing'],
  ['objects-leaked', 'madvise-fails'],
  ['sparse-survivors', 'never-closed'],
  ['sparse-survivors', 'other-growth'],
  ['active-old', 'burst'],
  ['alloc-into-closing', 'lock-busy'],
  ['never-closed', 'madvise-ignored'],
  ['burst', 'lock-busy'],
  ['label-registry-full', 'refcount-active'],
  ['ring-exhausted', 'objects-leaked'],
  ['cas-counted', 'refcount-closing'],
  ['other-growth', 'refcount-active'],
  ['low-yield', 'label-registry-full'],
];
