import { THRESHOLDS as T } from '../../monitoring/thresholds.ts';
import type { AlertCase, Series } from './promtool.ts';

/**
 * Per alert: what it fires on, what is just below, a restart in between, a denominator of 0, one of two instances on the same host.
 * Series are promtool's: `a+bxn` is a, a+b, … and `_` is no sample; one sample a minute.
 */
export interface AlertCases {
  readonly fires: readonly AlertCase[];
  readonly quiet: Readonly<Record<string, AlertCase>>;
}

const HERE = { job: 'api', instance: 'h1:9645', pid: '7', command: 'api' };
const THERE = { ...HERE, pid: '8' };
const AT = 'job="api",instance="h1:9645",pid="7",command="api"';
const NEXT = 'job="api",instance="h1:9645",pid="8",command="api"';
const EPOCH = { epoch: '3', label: 'worker' };
const inEpoch = (state: string, at = AT) => `${at},epoch="3",state="${state}",label="worker"`;
const CLASS = { class: '2', object_size: '128' };
const ofClass = (at = AT) => `${at},class="2",object_size="128"`;
/** Every class that a process has: sums must not count one class twice. */
const otherClass = `${AT},class="3",object_size="192"`;

/** So many per second, as a counter sampled every minute for n minutes. */
const perSecond = (rate: number, n: number) => `0+${rate * 60}x${n}`;
/** The same, and the process restarts after half of it. */
const restarting = (rate: number, n: number) => `${perSecond(rate, n / 2)} ${perSecond(rate, n / 2)}`;
const constant = (value: number, n: number) => `${value}+0x${n}`;

const at = (minute: number, series: Series, ...fires: Record<string, string>[]): AlertCase => ({
  at: minute,
  series,
  fires,
});

/** A counter whose every step is news, however it started. */
function steps(name: string, labels = AT, fired: Record<string, string> = HERE): AlertCases {
  const series = (values: string): Series => ({ [`${name}{${labels}}`]: values });
  return {
    fires: [
      at(12, series('0+0x9 1+0x9'), fired),
      // Long after the first scrape of the process, which found it already above 0.
      at(12, series(`${'_ '.repeat(10)}3+0x9`), fired),
      at(12, { ...series('0+0x9 1+0x9'), ...(labels === AT && { [`${name}{${NEXT}}`]: '0+0x20' }) }, fired),
    ],
    quiet: {
      'it stays where it was': at(30, series('5+0x40')),
      'the last one is long ago': at(30, series('0+0x9 1+0x40')),
      'a restart puts it back to 0': at(14, series('4+0x9 0+0x20')),
      'a gap of half an hour in the scrapes': at(42, series(`4+0x9 ${'_ '.repeat(30)}4+0x20`)),
    },
  };
}

/** A ratio of two counters that must hold for some time. */
function rateRatio(
  of: string,
  over: string,
  threshold: number,
  { labels = AT, fired = HERE as Record<string, string>, least = T.fewAllocations as number, hold = 10 } = {},
): AlertCases {
  const n = 40;
  const when = 6 + hold;
  const both = (share: number, rate: number, counter = perSecond) => ({
    [`${of}{${labels}}`]: counter(share * rate, n),
    [`${over}{${labels}}`]: counter(rate, n),
  });
  const busy = least * 10;
  return {
    fires: [
      at(when, both(threshold * 1.02, busy), fired),
      at(when, both(threshold * 1.02, least * 1.02), fired),
      at(30, both(threshold * 1.1, busy, restarting), fired),
    ],
    quiet: {
      'just below': at(n, both(threshold * 0.98, busy)),
      'hardly anything happens': at(n, both(0.99, least * 0.98)),
      'nothing happens': at(n, both(0, 0)),
      'a restart below it': at(24, both(threshold * 0.98, busy, restarting)),
      'not for so long': at(hold - 1, both(threshold * 1.02, busy)),
    },
  };
}

const closing = (objects: string, age: string, state = 'CLOSING') => ({
  [`temporal_slab_epoch_live_objects{${inEpoch(state)}}`]: objects,
  [`temporal_slab_epoch_age_seconds{${inEpoch(state)}}`]: age,
});

const domains = (refcount: string, age: string, state = 'ACTIVE', allocs = '70+0x60') => ({
  [`temporal_slab_epoch_slot_allocs{${inEpoch(state)}}`]: allocs,
  [`temporal_slab_epoch_refcount{${inEpoch(state)}}`]: refcount,
  [`temporal_slab_epoch_age_seconds{${inEpoch(state)}}`]: age,
});

const holding = (bytes: string, age: string, state = 'CLOSING') => ({
  [`temporal_slab_epoch_rss_bytes{${inEpoch(state)}}`]: bytes,
  [`temporal_slab_epoch_age_seconds{${inEpoch(state)}}`]: age,
});

const open = (
  age: string,
  advances: string,
  objects = '9+0x60',
  { allocs = '9+0x60', inside = '0+0x60', current = '5+0x60' } = {},
) => ({
  [`temporal_slab_epoch_age_seconds{${inEpoch('ACTIVE')}}`]: age,
  [`temporal_slab_epoch_live_objects{${inEpoch('ACTIVE')}}`]: objects,
  [`temporal_slab_epoch_slot_allocs{${inEpoch('ACTIVE')}}`]: allocs,
  [`temporal_slab_epoch_refcount{${inEpoch('ACTIVE')}}`]: inside,
  [`temporal_slab_epoch_advances_total{${AT}}`]: advances,
  [`temporal_slab_current_epoch{${AT}}`]: current,
});

const allocator = (n: number) => `${AT},allocator_instance="${n}",name="a${n}",process="7-${n}"`;
const advancing = (refused: string, advances: string, where = AT): Series => ({
  [`temporal_slab_epoch_advances_refused_total{${where}}`]: refused,
  [`temporal_slab_epoch_advances_total{${where}}`]: advances,
});

const rss = (values: string, allocs = '0+1000x120', where = AT): Series => ({
  [`temporal_slab_rss_bytes{${where}}`]: values,
  [`temporal_slab_bitmap_alloc_attempts_total{${where}}`]: allocs,
});

const closes = (before: number, after: number, given: number, { n = 40, times = '0+60x40' } = {}) => ({
  [`temporal_slab_last_epoch_close_timestamp_seconds{${AT}}`]: times,
  [`temporal_slab_last_epoch_close_rss_before_bytes{${AT}}`]: constant(before, n),
  [`temporal_slab_last_epoch_close_rss_after_bytes{${AT}}`]: constant(after, n),
  [`temporal_slab_last_epoch_close_madvise_bytes{${AT}}`]: constant(given, n),
});

const costly = (secondsPerCall: number, calls: number, counter = perSecond) => ({
  // The time is shared by two classes, and both count every call.
  [`temporal_slab_class_epoch_close_seconds_total{${ofClass()}}`]: counter((secondsPerCall * calls) / 2, 40),
  [`temporal_slab_class_epoch_close_seconds_total{${otherClass}}`]: counter((secondsPerCall * calls) / 2, 40),
  [`temporal_slab_class_epoch_close_calls_total{${ofClass()}}`]: counter(calls, 40),
  [`temporal_slab_class_epoch_close_calls_total{${otherClass}}`]: counter(calls, 40),
});

const LABEL = { label: 'huge-batch' };
/** The longest close of late: every three minutes another one. */
const longest = (seconds: number, slabs: number, times = '0+0x2 180+0x2 360+0x20', where = AT): Series => {
  const labels = `${where},label="huge-batch"`;
  return {
    [`temporal_slab_longest_epoch_close_timestamp_seconds{${labels}}`]: times,
    [`temporal_slab_longest_epoch_close_seconds{${labels}}`]: constant(seconds, 40),
    [`temporal_slab_longest_epoch_close_scanned_slabs{${labels}}`]: constant(slabs, 40),
  };
};

const scanning = (share: number, scanned: number, closedBytes: number, counter = perSecond) => ({
  [`temporal_slab_class_epoch_close_recycled_slabs_total{${ofClass()}}`]: counter(share * scanned * 0.75, 60),
  [`temporal_slab_class_epoch_close_recycled_slabs_total{${otherClass}}`]: counter(share * scanned * 0.25, 60),
  [`temporal_slab_class_epoch_close_scanned_slabs_total{${ofClass()}}`]: counter(scanned / 2, 60),
  [`temporal_slab_class_epoch_close_scanned_slabs_total{${otherClass}}`]: counter(scanned / 2, 60),
  [`temporal_slab_epoch_rss_bytes{${inEpoch('CLOSING')}}`]: constant(closedBytes / 2, 60),
  [`temporal_slab_epoch_rss_bytes{${AT},epoch="4",state="CLOSING",label="worker"}`]: constant(closedBytes / 2, 60),
});

const churning = (miss: number, overflow: number, rate: number, counter = perSecond) => ({
  [`temporal_slab_slow_path_cache_miss_total{${AT}}`]: counter(miss * rate, 40),
  [`temporal_slab_cache_overflows_total{${AT}}`]: counter(overflow * rate, 40),
  [`temporal_slab_bitmap_alloc_attempts_total{${AT}}`]: counter(rate, 40),
});

const pinned = (share: number, committed: number) => ({
  [`temporal_slab_class_pinned_waste_bytes{${ofClass()}}`]: constant((share * committed) / 2, 40),
  [`temporal_slab_class_pinned_waste_bytes{${otherClass}}`]: constant((share * committed) / 2, 40),
  [`temporal_slab_class_committed_bytes{${ofClass()}}`]: constant(committed / 2, 40),
  [`temporal_slab_class_committed_bytes{${otherClass}}`]: constant(committed / 2, 40),
});

const empty = (bytes: number) => ({
  [`temporal_slab_class_reclaimable_slabs{${ofClass()}}`]: constant(bytes / 4096 / 2, 40),
  [`temporal_slab_class_reclaimable_slabs{${otherClass}}`]: constant(bytes / 4096 / 2, 40),
  [`temporal_slab_slab_size_bytes{${AT}}`]: '4096+0x40',
});

/** A label's locks are spread over two classes. */
const labelled = (share: number, rate: number, counter = perSecond) => ({
  [`temporal_slab_class_lock_contended_by_label_total{${ofClass()},label="worker"}`]: counter((share * rate) / 2, 40),
  [`temporal_slab_class_lock_contended_by_label_total{${otherClass},label="worker"}`]: counter((share * rate) / 2, 40),
  [`temporal_slab_class_lock_fast_acquire_by_label_total{${ofClass()},label="worker"}`]: counter(
    ((1 - share) * rate) / 2,
    40,
  ),
  [`temporal_slab_class_lock_fast_acquire_by_label_total{${otherClass},label="worker"}`]: counter(
    ((1 - share) * rate) / 2,
    40,
  ),
});

const cas = (kind: 'alloc' | 'free') =>
  rateRatio(
    `temporal_slab_class_bitmap_${kind}_cas_retries_total`,
    `temporal_slab_class_bitmap_${kind}_attempts_total`,
    T.casRetriesRatio,
    { labels: ofClass(), fired: { ...HERE, ...CLASS } },
  );

const TARGET = 'job="api",instance="h1:9645"';
const EXPORTER = { job: 'api', instance: 'h1:9645' };
const MB = 1e6;

export const ALERT_CASES: Readonly<Record<string, AlertCases>> = {
  TemporalSlabTargetDown: {
    fires: [
      at(
        26,
        { [`up{${TARGET}}`]: '1+0x19 0+0x20', [`tslab_build_info{${TARGET},version="1"}`]: '1+0x19' },
        {
          job: 'api',
          instance: 'h1:9645',
        },
      ),
      // Since yesterday.
      at(
        24 * 60,
        { [`up{${TARGET}}`]: '1+0x19 0+0x1500', [`tslab_build_info{${TARGET},version="1"}`]: '1+0x19' },
        {
          job: 'api',
          instance: 'h1:9645',
        },
      ),
    ],
    quiet: {
      'not for so long': at(23, {
        [`up{${TARGET}}`]: '1+0x19 0+0x20',
        [`tslab_build_info{${TARGET},version="1"}`]: '1+0x19',
      }),
      'a target that has nothing to do with us': at(30, {
        'up{job="db",instance="h2:1"}': '0+0x60',
        [`tslab_build_info{${TARGET}}`]: '1+0x60',
      }),
      'a restart of the exporter': at(26, {
        [`up{${TARGET}}`]: '1+0x19 0 0 1+0x20',
        [`tslab_build_info{${TARGET}}`]: '1+0x19 _ _ 1+0x20',
      }),
      'taken away from service discovery': at(60, {
        [`up{${TARGET}}`]: '1+0x19 0+0x9',
        [`tslab_build_info{${TARGET}}`]: '1+0x19',
      }),
    },
  },
  TemporalSlabNoData: {
    fires: [at(6, {}, {}), at(40, { [`tslab_build_info{${TARGET}}`]: '1+0x19' }, {})],
    quiet: {
      'one target is enough': at(40, { [`tslab_build_info{${TARGET}}`]: '1+0x60' }),
      'a short gap': at(27, { [`tslab_build_info{${TARGET}}`]: `1+0x9 ${'_ '.repeat(9)}1+0x40` }),
      'not for so long': at(4, {}),
    },
  },
  TemporalSlabReadsFail: {
    fires: [
      // The scrape works, and the processes' series are gone.
      at(
        26,
        {
          [`up{${TARGET}}`]: '1+0x40',
          [`tslab_build_info{${TARGET}}`]: '1+0x40',
          [`tslab_up{${TARGET}}`]: '1+0x19 0+0x20',
          [`temporal_slab_rss_bytes{${AT}}`]: '1+0x19',
        },
        EXPORTER,
      ),
      at(60, { [`tslab_up{${TARGET}}`]: '0+0x60', [`tslab_up{job="api",instance="h2:1"}`]: '1+0x60' }, EXPORTER),
    ],
    quiet: {
      'it reads': at(30, { [`tslab_up{${TARGET}}`]: '1+0x40' }),
      'one reading in two fails': at(30, { [`tslab_up{${TARGET}}`]: '0 1 '.repeat(20) }),
      'not for so long': at(24, { [`tslab_up{${TARGET}}`]: '1+0x19 0+0x20' }),
    },
  },
  TemporalSlabProcessesUnseen: {
    fires: [
      at(
        16,
        { [`tslab_unusable_files{${TARGET}}`]: '1+0x20', [`tslab_processes_omitted{${TARGET}}`]: '0+0x20' },
        EXPORTER,
      ),
      at(
        16,
        { [`tslab_unusable_files{${TARGET}}`]: '0+0x20', [`tslab_processes_omitted{${TARGET}}`]: '1+0x20' },
        EXPORTER,
      ),
    ],
    quiet: {
      'all are shown': at(40, {
        [`tslab_unusable_files{${TARGET}}`]: '0+0x40',
        [`tslab_processes_omitted{${TARGET}}`]: '0+0x40',
      }),
      'not for so long': at(14, {
        [`tslab_unusable_files{${TARGET}}`]: '1+0x20',
        [`tslab_processes_omitted{${TARGET}}`]: '1+0x20',
      }),
    },
  },
  TemporalSlabSourceStale: {
    fires: [
      at(9, { [`temporal_slab_snapshot_timestamp_seconds{${AT}}`]: '0+0x20' }, HERE),
      at(12, { [`temporal_slab_snapshot_timestamp_seconds{${AT}}`]: '-310+60x20' }, HERE),
    ],
    quiet: {
      'always fresh': at(30, { [`temporal_slab_snapshot_timestamp_seconds{${AT}}`]: '0+60x40' }),
      'just below': at(30, { [`temporal_slab_snapshot_timestamp_seconds{${AT}}`]: '-290+60x40' }),
      'not for so long': at(6, { [`temporal_slab_snapshot_timestamp_seconds{${AT}}`]: '0+0x20' }),
      'the process is gone from the exposition': at(30, {
        [`temporal_slab_snapshot_timestamp_seconds{${AT}}`]: '0+0x3',
      }),
    },
  },
  TemporalSlabAllocFailures: steps('temporal_slab_alloc_failures_total'),
  TemporalSlabInvalidFrees: steps('temporal_slab_invalid_frees_total'),
  TemporalSlabDomainMisuse: steps('temporal_slab_domain_misuses_total'),
  TemporalSlabMadviseFailures: steps('temporal_slab_madvise_failures_total'),
  TemporalSlabRingExhausted: {
    fires: [
      at(12, advancing('0+0x9 1+0x9', '40+0x40'), HERE),
      at(12, advancing('0+10.2x20', '0+989.8x20'), HERE),
      at(24, advancing('0+102x12 0+102x12', '0+9898x12 0+9898x12'), HERE),
      // The first scrape finds it above 0.
      at(12, advancing(`${'_ '.repeat(10)}3+0x9`, `${'_ '.repeat(10)}200+0x9`), HERE),
      at(12, advancing(`${'_ '.repeat(10)}102+0x9`, `${'_ '.repeat(10)}9898+0x9`), HERE),
      at(12, { ...advancing('0+0x9 1+0x9', '40+0x40'), ...advancing('0+0x40', '0+9x40', NEXT) }, HERE),
    ],
    quiet: {
      'one of very many': at(12, advancing('0+0x9 1+0x9', '0+15000x20')),
      'just below': at(12, advancing('0+9.8x20', '0+990.2x20')),
      'just below at the first scrape': at(12, advancing(`${'_ '.repeat(10)}98+0x9`, `${'_ '.repeat(10)}9902+0x9`)),
      'it stays where it was': at(30, advancing('5+0x40', '0+0x40')),
      'nothing advances': at(30, advancing('0+0x40', '0+0x40')),
      'the last one is long ago': at(30, advancing('0+0x9 1+0x40', '0+0x60')),
      'a restart puts it back to 0': at(14, advancing('4+0x9 0+0x20', '40+0x9 0+9x20')),
      'a gap of half an hour in the scrapes': at(
        42,
        advancing(`4+0x9 ${'_ '.repeat(30)}4+0x20`, `40+0x9 ${'_ '.repeat(30)}40+0x20`),
      ),
    },
  },
  TemporalSlabSlowPathRate: rateRatio(
    'temporal_slab_slow_path_hits_total',
    'temporal_slab_bitmap_alloc_attempts_total',
    T.slowPathRatio,
  ),
  TemporalSlabAllocIntoClosing: rateRatio(
    'temporal_slab_slow_path_epoch_closed_total',
    'temporal_slab_bitmap_alloc_attempts_total',
    T.intoClosingRatio,
    { hold: 5 },
  ),
  TemporalSlabMappingChurn: {
    fires: [
      at(16, churning(0.0102, 0.0102, 1000), HERE),
      at(16, churning(0.03, 0.03, 102), HERE),
      at(30, churning(0.03, 0.03, 1000, restarting), HERE),
    ],
    quiet: {
      'slabs only come': at(30, churning(0.03, 0.0098, 1000)),
      'slabs only go': at(30, churning(0.0098, 0.03, 1000)),
      'hardly anything happens': at(30, churning(0.5, 0.5, 98)),
      'nothing happens': at(30, churning(0, 0, 0)),
      'a restart below it': at(24, churning(0.009, 0.009, 1000, restarting)),
      'not for so long': at(9, churning(0.03, 0.03, 1000)),
    },
  },
  TemporalSlabRefcountLeak: {
    fires: [
      at(7, domains('2+0x20', '0+60x20'), { ...HERE, ...EPOCH }),
      at(7, domains('1+0x20', '301+0x20'), { ...HERE, ...EPOCH }),
      // It is closed meanwhile: still one alert, without a break.
      at(
        8,
        {
          ...domains('1+0x6', '0+60x6', 'ACTIVE', '70+0x6'),
          ...domains('_x6 1+0x20', '_x6 420+60x20', 'CLOSING', '_x6 70+0x20'),
        },
        { ...HERE, ...EPOCH },
      ),
    ],
    quiet: {
      'people come and go in a shared one': at(
        30,
        domains('3 7 2 5 4 6 1 8 '.repeat(5), '0+60x40', 'ACTIVE', '0+900x40'),
      ),
      'a worker that lives as long as its epoch': at(30, domains('1+0x40', '0+60x40', 'ACTIVE', '0+1x40')),
      'nobody inside': at(30, domains('0+0x40', '0+60x40')),
      'just below': at(40, domains('1+0x40', '299+0x40')),
      'a domain a minute, the slot reused': at(30, domains('1+0x40', '30+0x40')),
      'a restart': at(14, domains('1+0x20', '0+60x4 0+60x4 0+60x4')),
      'another process of the host holds it, another is old': at(30, {
        [`temporal_slab_epoch_refcount{${inEpoch('ACTIVE')}}`]: '1+0x40',
        [`temporal_slab_epoch_age_seconds{${inEpoch('ACTIVE')}}`]: '10+0x40',
        [`temporal_slab_epoch_slot_allocs{${inEpoch('ACTIVE')}}`]: '70+0x40',
        [`temporal_slab_epoch_slot_allocs{${inEpoch('ACTIVE', NEXT)}}`]: '70+0x40',
        [`temporal_slab_epoch_refcount{${inEpoch('ACTIVE', NEXT)}}`]: '0+0x40',
        [`temporal_slab_epoch_age_seconds{${inEpoch('ACTIVE', NEXT)}}`]: '900+60x40',
      }),
      'not for so long': at(6, domains('1+0x20', '0+60x20')),
    },
  },
  TemporalSlabEpochActiveOld: {
    fires: [
      at(12, open('0+60x40', '0+1x40'), { ...HERE, ...EPOCH }),
      at(12, open('301+0x40', '0+1x40'), { ...HERE, ...EPOCH }),
      // What is current in another process says nothing of this one.
      at(
        12,
        { ...open('0+60x40', '0+1x40'), [`temporal_slab_current_epoch{${NEXT}}`]: '3+0x40' },
        { ...HERE, ...EPOCH },
      ),
    ],
    quiet: {
      // Every 12 minutes another one; what was is emptied at once.
      'the current one': at(
        23,
        open('0+60x11 0+60x11 0+60x11', '0+0x11 1+0x11 2+0x11', '9+0x60', { current: '3+0x60' }),
      ),
      'somebody is inside': at(40, open('0+60x60', '0+1x60', '9+0x60', { inside: '1+0x60' })),
      'somebody allocates there': at(40, open('0+60x60', '0+1x60', '9+0x60', { allocs: '0+1x60' })),
      'a program that never advances': at(40, open('0+60x60', '3+0x60')),
      'the last advance was long ago': at(40, open('0+60x60', '0+1x9 9+0x60')),
      'nothing in it': at(40, open('0+60x60', '0+1x60', '0+0x60')),
      'just below': at(40, open('299+0x60', '0+1x60')),
      'a restart': at(15, open('0+60x9 0+60x9', '0+1x9 0+1x9')),
      'not for so long': at(9, open('0+60x40', '0+1x40')),
      closed: at(40, {
        ...closing('9+0x60', '0+60x60'),
        [`temporal_slab_epoch_advances_total{${AT}}`]: '0+1x60',
      }),
      'another process advances': at(40, {
        ...open('0+60x60', '3+0x60'),
        [`temporal_slab_epoch_advances_total{${NEXT}}`]: '0+1x60',
      }),
    },
  },
  TemporalSlabEpochNotDraining: {
    fires: [
      at(25, closing('40+0x60', '0+60x60'), { ...HERE, ...EPOCH, state: 'CLOSING' }),
      at(25, closing('40+0x60', '301+0x60'), { ...HERE, ...EPOCH, state: 'CLOSING' }),
    ],
    quiet: {
      'it drains': at(40, closing('400-1x60', '0+60x60')),
      'it is empty': at(40, closing('0+0x60', '0+60x60')),
      'just below': at(40, closing('40+0x60', '299+0x60')),
      'it is open': at(40, closing('40+0x60', '0+60x60', 'ACTIVE')),
      'closed a moment ago': at(40, closing(`${'_ '.repeat(35)}40+0x20`, '0+60x60')),
      'a restart': at(28, closing('40+0x15 _ _ 40+0x15', '0+60x15 _ _ 0+60x15')),
      'not for so long': at(15, closing('40+0x60', '0+60x60')),
    },
  },
  TemporalSlabEpochMemoryLeak: {
    fires: [
      at(8, holding(constant(T.memoryLeakBytes + 1, 20), '0+60x20'), { ...HERE, ...EPOCH, state: 'CLOSING' }),
      at(8, holding(constant(T.memoryLeakBytes + 1, 20), '61+0x20'), { ...HERE, ...EPOCH, state: 'CLOSING' }),
      at(8, holding(`${T.memoryLeakBytes + 1}+1000x20`, '0+60x20', 'ACTIVE'), { ...HERE, ...EPOCH, state: 'ACTIVE' }),
    ],
    quiet: {
      'just below': at(20, holding(constant(T.memoryLeakBytes - 1, 40), '0+60x40')),
      'open and level': at(20, holding(constant(T.memoryLeakBytes * 4, 40), '0+60x40', 'ACTIVE')),
      'open and shrinking': at(20, holding(`${T.memoryLeakBytes * 4}-1000x40`, '0+60x40', 'ACTIVE')),
      'young, the slot reused': at(20, holding(constant(T.memoryLeakBytes + 1, 40), '59+0x40')),
      'a restart': at(
        13,
        holding(`${constant(T.memoryLeakBytes + 1, 5)} _ ${constant(T.memoryLeakBytes + 1, 5)}`, '0+60x5 _ 0+60x5'),
      ),
      'not for so long': at(6, holding(constant(T.memoryLeakBytes + 1, 20), '0+60x20')),
    },
  },
  TemporalSlabRssGrowth: {
    fires: [
      at(77, rss(`${400 * MB}+${2 * MB}x120`), HERE),
      at(90, rss(`${200 * MB}+${1.2 * MB}x120`), HERE),
      // Three allocators, one process: one alert.
      at(
        77,
        Object.assign({}, ...[1, 2, 3].map((n) => rss(`${400 * MB}+${2 * MB}x120`, '0+1000x120', allocator(n)))),
        HERE,
      ),
    ],
    quiet: {
      'a quarter, but of little': at(100, rss(`${40 * MB}+${MB}x120`)),
      'much, but of more': at(100, rss(`${4000 * MB}+${2 * MB}x120`)),
      'just below': at(60, rss(`${400 * MB}+${1.6 * MB}x120`)),
      'it has stopped': at(85, rss(`${400 * MB}+0x44 ${400 * MB}+${10 * MB}x20 ${600 * MB}+0x60`)),
      'a restart without a pid that tells': at(
        100,
        rss(`${100 * MB}+0x60 ${20 * MB}+${8 * MB}x60`, '0+1000x60 0+1000x60'),
      ),
      'a young process': at(50, rss(`${10 * MB}+${20 * MB}x60`)),
      'not for so long': at(63, rss(`${400 * MB}+${2 * MB}x120`)),
    },
  },
  TemporalSlabPinnedMemory: {
    fires: [at(16, pinned(0.51, T.pinnedCommittedBytes + 8192), HERE)],
    quiet: {
      'just below': at(30, pinned(0.49, T.pinnedCommittedBytes * 4)),
      'of little': at(30, pinned(0.9, T.pinnedCommittedBytes - 8192)),
      'no slabs at all': at(30, pinned(0, 0)),
      'not for so long': at(13, pinned(0.51, T.pinnedCommittedBytes * 2)),
    },
  },
  TemporalSlabReclaimableNotReturned: {
    fires: [at(11, empty(T.reclaimableBytes + 8192), HERE)],
    quiet: {
      'just below': at(30, empty(T.reclaimableBytes - 8192)),
      'not for so long': at(9, empty(T.reclaimableBytes * 2)),
    },
  },
  TemporalSlabKernelNotCooperating: {
    fires: [
      at(11, closes(100 * MB, 96 * MB, 10 * MB), HERE),
      at(11, closes(100 * MB, 101 * MB, 2 * T.cooperationBytes), HERE),
      at(11, closes(100 * MB, 99.9 * MB, T.cooperationBytes + 1), HERE),
      at(14, closes(100 * MB, 96 * MB, 10 * MB, { times: '0+0x40' }), HERE),
    ],
    quiet: {
      // Its values stay on record.
      'one single close, a while ago': at(16, closes(100 * MB, 96 * MB, 10 * MB, { times: '0+0x40' })),
      'just above': at(30, closes(100 * MB, 94.9 * MB, 10 * MB)),
      'hardly anything was given back': at(30, closes(100 * MB, 100 * MB, T.cooperationBytes)),
      'nothing was given back': at(30, closes(100 * MB, 100 * MB, 0)),
      'not for so long': at(9, closes(100 * MB, 96 * MB, 10 * MB)),
    },
  },
  TemporalSlabCloseYieldLow: {
    fires: [
      at(17, scanning(0.098, 10, T.closingBytes + 4096), HERE),
      at(40, scanning(0.05, 0.11, T.closingBytes + 4096), HERE),
      at(50, scanning(0.09, 10, T.closingBytes * 2, restarting), HERE),
    ],
    quiet: {
      'just above': at(40, scanning(0.102, 10, T.closingBytes * 2)),
      'closed epochs hold little: slabs drain later': at(40, scanning(0.01, 10, T.closingBytes - 4096)),
      'nothing is examined': at(40, scanning(0, 0, T.closingBytes * 2)),
      'hardly anything is examined': at(40, scanning(0.01, 0.09, T.closingBytes * 2)),
      'a restart above it': at(40, scanning(0.12, 10, T.closingBytes * 2, restarting)),
      'not for so long': at(14, scanning(0.05, 10, T.closingBytes * 2)),
    },
  },
  TemporalSlabCloseCostly: {
    fires: [at(12, costly(T.closeSeconds * 1.02, 5), HERE), at(30, costly(T.closeSeconds * 1.1, 5, restarting), HERE)],
    quiet: {
      'just below': at(30, costly(T.closeSeconds * 0.98, 5)),
      'no close': at(30, costly(0, 0)),
      'time, but no call: a torn read': at(30, {
        [`temporal_slab_class_epoch_close_seconds_total{${ofClass()}}`]: perSecond(1, 40),
        [`temporal_slab_class_epoch_close_calls_total{${ofClass()}}`]: '0+0x40',
      }),
      'a restart below it': at(24, costly(T.closeSeconds * 0.98, 5, restarting)),
      'not for so long': at(9, costly(T.closeSeconds * 2, 2)),
    },
  },
  TemporalSlabLongClose: {
    fires: [
      at(4, longest(T.longCloseSeconds * 1.02, T.longCloseSlabs * 1.02), { ...HERE, ...LABEL }),
      at(10, { ...longest(0.06, 24_576), ...longest(0.06, 24_576, '7+0x40', NEXT) }, { ...HERE, ...LABEL }),
    ],
    quiet: {
      'just below': at(10, longest(T.longCloseSeconds * 0.98, 24_576)),
      'few slabs: that thread waited': at(10, longest(0.06, T.longCloseSlabs * 0.98)),
      'one, which stays on record': at(30, longest(0.06, 24_576, '180+0x40')),
      'the last one is long ago': at(24, longest(0.06, 24_576)),
    },
  },
  TemporalSlabLockContention: rateRatio(
    'temporal_slab_class_lock_contended_total',
    'temporal_slab_class_lock_acquisitions_total',
    T.lockContentionRatio,
    { labels: ofClass(), fired: { ...HERE, ...CLASS }, least: T.fewLocks },
  ),
  TemporalSlabLabelContention: {
    fires: [
      at(16, labelled(T.lockContentionRatio * 1.02, 100), { ...HERE, label: 'worker' }),
      at(16, labelled(T.lockContentionRatio * 1.02, T.fewLocks * 1.02), { ...HERE, label: 'worker' }),
      at(30, labelled(0.3, 100, restarting), { ...HERE, label: 'worker' }),
    ],
    quiet: {
      'just below': at(30, labelled(T.lockContentionRatio * 0.98, 100)),
      'hardly anything happens': at(30, labelled(0.9, T.fewLocks * 0.98)),
      'nothing happens': at(30, labelled(0, 0)),
      'one class alone waits, the label as a whole does not': at(30, {
        ...labelled(0.1, 100),
        [`temporal_slab_class_lock_contended_by_label_total{${ofClass()},label="worker"}`]: perSecond(15, 40),
        [`temporal_slab_class_lock_contended_by_label_total{${otherClass},label="worker"}`]: perSecond(0, 40),
        [`temporal_slab_class_lock_fast_acquire_by_label_total{${ofClass()},label="worker"}`]: perSecond(35, 40),
      }),
      'a restart below it': at(24, labelled(T.lockContentionRatio * 0.98, 100, restarting)),
      'not for so long': at(9, labelled(0.5, 100)),
    },
  },
  TemporalSlabCasContention: {
    fires: [...cas('alloc').fires, ...cas('free').fires],
    quiet: {
      ...cas('alloc').quiet,
      ...Object.fromEntries(Object.entries(cas('free').quiet).map(([name, one]) => [`${name} (free)`, one])),
    },
  },
  TemporalSlabLabelRegistryFull: {
    fires: [
      at(
        6,
        {
          [`temporal_slab_label_registry_overflows_total{${AT}}`]: '1+0x20',
          [`temporal_slab_label_registry_overflows_total{${NEXT}}`]: '4+0x20',
        },
        HERE,
        THERE,
      ),
    ],
    quiet: {
      'all have a name': at(30, { [`temporal_slab_label_registry_overflows_total{${AT}}`]: '0+0x40' }),
      'not for so long': at(4, { [`temporal_slab_label_registry_overflows_total{${AT}}`]: '1+0x20' }),
    },
  },
};
