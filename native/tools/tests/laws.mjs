// Checks snapshots on standard input, one or many, against the contract: form, exact integers, the laws between the numbers,
// and, from one snapshot to the next, that no counter goes down.
//   laws.mjs [--at-least N] [--torn-at-most N] [--independent]
// Prints every breach, exit code 1 if there is one. --independent: of many processes. A snapshot that says it is torn is only counted.
import { readFileSync } from 'node:fs';

const breaches = [];
let where = '';
const breach = (text) => breaches.push(`${where}${text}`);

/** @returns the rows of temporal_slab_fields.def by scope: name → { type, kind } */
function readTable() {
  const table = { TOP: new Map(), CLASS: new Map(), EPOCH: new Map(), CLOSE: new Map() };
  const text = readFileSync(new URL('../../include/temporal_slab_fields.def', import.meta.url), 'utf8');
  for (const [, type, scope, name, kind] of text.matchAll(/^(U64|F64)\((\w+), (\w+), (\w+)\)/gm)) table[scope].set(name, { type, kind });
  return table;
}

/** Parses JSON strictly, and integers as BigInt: no digit is lost. */
function parseExact(text) {
  JSON.parse(text);
  const quoted = text.replace(/"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/g, (token) =>
    token[0] === '"' ? `"s${token.slice(1)}` : `"${/^-?\d+$/.test(token) ? 'i' : 'f'}${token}"`,
  );
  const revive = (value) => {
    if (typeof value === 'string') return value[0] === 's' ? value.slice(1) : value[0] === 'i' ? BigInt(value.slice(1)) : Number(value.slice(1));
    if (Array.isArray(value)) return value.map(revive);
    if (value && typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([key, member]) => [key.slice(1), revive(member)]));
    return value;
  };
  return revive(JSON.parse(quoted));
}

function checkForm(object, rows, byHand, path) {
  for (const [name, { type }] of rows) {
    const value = object[name];
    if (value === undefined && name === 'rss_bytes_current') continue; // of a process that has ended it is not known
    if (type === 'U64' && (typeof value !== 'bigint' || value < 0n || value >= 1n << 64n)) breach(`${path}/${name}: expected an unsigned integer, found ${value}`);
    if (type === 'F64' && !Number.isFinite(Number(value))) breach(`${path}/${name}: expected a finite number, found ${value}`);
  }
  for (const name of Object.keys(object)) if (!rows.has(name) && !byHand.includes(name)) breach(`${path}/${name}: not in the table`);
}

const sum = (list, name) => list.reduce((total, item) => total + item[name], 0n);
const equal = (left, right, law) => left === right || breach(`${law}: ${left} ≠ ${right}`);
const atMost = (left, right, law) => left <= right || breach(`${law}: ${left} > ${right}`);

// total_X that are not the sum of a class field X of the same name.
const SUM_OF = {
  total_slow_cache_miss: 'slow_path_cache_miss',
  total_slow_epoch_closed: 'slow_path_epoch_closed',
  total_cache_overflows: 'empty_slab_overflowed',
  total_slabs_allocated: 'new_slab_count',
  total_slabs_recycled: 'empty_slab_recycled',
};
const CONTENTION = ['lock_fast_acquire', 'lock_contended', 'bitmap_alloc_cas_retries', 'bitmap_free_cas_retries'];

function checkSnapshot(snapshot, table) {
  const { classes, epochs, label_registry: registry } = snapshot;
  checkForm(snapshot, table.TOP, ['torn', 'allocator', 'process', 'counter_file', 'last_epoch_close', 'longest_epoch_close', 'label_registry', 'classes', 'epochs'], '');
  classes.forEach((item, i) => checkForm(item, table.CLASS, ['contention_by_label'], `/classes/${i}`));
  epochs.forEach((item, i) => checkForm(item, table.EPOCH, ['state', 'label'], `/epochs/${i}`));
  for (const name of ['last_epoch_close', 'longest_epoch_close'])
    if (snapshot[name]) checkForm(snapshot[name], table.CLOSE, ['label'], `/${name}`);
  if (breaches.length) return;

  if (snapshot.schema_version !== 1n || typeof snapshot.torn !== 'boolean' || snapshot.allocator.name !== 'temporal-slab') breach('top level is not as the contract says');
  if (classes.map((item) => item.object_size).join() !== '64,96,128,192,256,384,512,768') breach('the eight classes are not the eight classes');
  if (snapshot.timestamp_ns < 1n << 53n) breach(`/timestamp_ns: ${snapshot.timestamp_ns} is no CLOCK_REALTIME`);
  atMost(snapshot.current_epoch + 1n, snapshot.epoch_count, 'current_epoch < epoch_count');
  equal(BigInt(epochs.length), snapshot.epoch_count, 'one entry per slot');
  if (snapshot.torn) return;

  for (const name of table.TOP.keys()) {
    const of = SUM_OF[name] ?? name.replace(/^total_/, '');
    if (name.startsWith('total_')) equal(snapshot[name], sum(classes, of), `${name} = sum of ${of}`);
  }
  equal(snapshot.net_slabs, sum(classes, 'net_slabs'), 'net_slabs = sum of classes');
  equal(snapshot.estimated_slab_rss_bytes, sum(classes, 'estimated_rss_bytes'), 'estimated_slab_rss_bytes = sum of classes');
  for (const name of ['total_partial_slabs', 'total_full_slabs', 'total_reclaimable_slabs', 'live_objects', 'live_bytes', 'pinned_waste_bytes'])
    equal(sum(classes, name), sum(epochs, name), `${name}: classes = epochs`);
  for (const item of classes) {
    const held = item.total_partial_slabs + item.total_full_slabs;
    const path = `class ${item.object_size}`;
    equal(item.slabs_mapped, held + item.cache_size + item.cache_overflow_len, `${path}: mapped = partial + full + cached + overflow`);
    // The parts are counted together with the whole, behind one sequence counter: a reading that mixes two instants shows here.
    equal(item.slabs_mapped, item.new_slab_count, `${path}: mapped = taken from the system`);
    equal(item.live_objects, item.bitmap_alloc_attempts - item.bitmap_free_attempts, `${path}: live = allocated - freed`);
    atMost(item.total_reclaimable_slabs, held, `${path}: reclaimable <= partial + full`);
    atMost(item.slow_path_epoch_closed + item.slow_path_cache_miss, item.slow_path_hits, `${path}: causes <= slow-path hits`);
    atMost(item.remote_frees, item.bitmap_free_attempts, `${path}: remote frees <= frees`);
    for (const name of item.contention_by_label ? CONTENTION : [])
      equal(Object.values(item.contention_by_label[name]).reduce((total, count) => total + count, 0n), item[name], `${path}: ${name} = sum of labels`);
  }
  for (const item of epochs) {
    const path = `epoch ${item.epoch_id}`;
    atMost(item.total_reclaimable_slabs, item.total_partial_slabs + item.total_full_slabs, `${path}: reclaimable <= partial + full`);
    if (item.close_calls === 0n) equal(item.close_ns + item.close_scanned_slabs, 0n, `${path}: never closed, no time spent on it`);
    if (!['ACTIVE', 'CLOSING'].includes(item.state)) breach(`${path}: state ${item.state}`);
    if (Buffer.byteLength(item.label) > 31) breach(`${path}: label of ${Buffer.byteLength(item.label)} bytes`);
  }
  const opened = epochs.filter((item) => item.open_since_ns > 0n);
  if (new Set(opened.map((item) => item.epoch_era)).size !== opened.length) breach('two epochs have one era');
  equal(snapshot.active_epoch_count, BigInt(epochs.filter((item) => item.state === 'ACTIVE').length), 'active_epoch_count');
  equal(snapshot.active_epoch_count + snapshot.closing_epoch_count, snapshot.epoch_count, 'active + closing = epoch_count');
  equal(registry.count, BigInt(Object.keys(registry.labels).length), 'label_registry.count');
}

function checkCounters(before, after, rows, path) {
  for (const [name, { kind }] of rows)
    if (kind === 'COUNTER' && after[name] < before[name]) breach(`${path}/${name} went down: ${before[name]} → ${after[name]}`);
}

const table = readTable();
const input = readFileSync(0, 'utf8');
const documents = input.startsWith('{\n') ? [input] : input.split('\n').slice(0, -1);
const option = (name, otherwise) => (process.argv.includes(name) ? Number(process.argv[process.argv.indexOf(name) + 1]) : otherwise);
const atLeast = option('--at-least', 1);
if (!input.endsWith('\n')) breach('the last line is not complete');
if (documents.length < atLeast) breach(`expected at least ${atLeast} snapshots, found ${documents.length}`);
let before;
let torn = 0;
documents.forEach((text, i) => {
  where = `snapshot ${i + 1} of ${documents.length}: `;
  const snapshot = parseExact(text);
  checkSnapshot(snapshot, table);
  if (snapshot.torn) {
    torn++;
    return;
  }
  if (before && !process.argv.includes('--independent')) {
    checkCounters(before, snapshot, table.TOP, '');
    snapshot.classes.forEach((item, c) => checkCounters(before.classes[c], item, table.CLASS, `/classes/${c}`));
    atMost(before.timestamp_ns, snapshot.timestamp_ns, 'time goes on');
  }
  before = snapshot;
});
where = '';
if (torn > option('--torn-at-most', documents.length)) breach(`${torn} of ${documents.length} snapshots are torn`);
if (breaches.length) {
  console.log(breaches.slice(0, 20).join('\n'));
  process.exitCode = 1;
}
