import { anyState, family, overClasses, overEpochs, perProcess, rate, ratio, wentUp } from '../promql.ts';
import { THRESHOLDS as T } from '../thresholds.ts';
import type { Alert } from './rule.ts';

const W = '5m';
const allocations = rate('temporal_slab_bitmap_alloc_attempts_total', W);
const age = anyState(family('temporal_slab_epoch_age_seconds'));
/** Nobody allocated in the epoch within five minutes. */
const slotAllocs = family('temporal_slab_epoch_slot_allocs');
const idle = `${anyState(slotAllocs)} == ${anyState(`${slotAllocs} offset ${W}`)}`;
const refused = family('temporal_slab_epoch_advances_refused_total');
const advances = family('temporal_slab_epoch_advances_total');
const RSS = perProcess(family('temporal_slab_rss_bytes'));
const RSS_BEFORE = perProcess('temporal_slab_rss_bytes offset 1h');

/** Where: only those labels that the sample has. */
const PROCESS =
  '{{ with $labels.command }}{{ . }}{{ else }}a process{{ end }} {{ with $labels.pid }}(pid {{ . }}) {{ end }}on {{ $labels.instance }}';
const EPOCH = `label {{ with $labels.label }}{{ . }}{{ else }}unlabeled{{ end }}, epoch {{ $labels.epoch }}, ${PROCESS}`;
const PERCENT = '{{ $value | humanizePercentage }}';
const BYTES = '{{ $value | humanize1024 }}B';

/** Alerts stand on raw series, not on recorded ones: each file works without the other. */
export const ALERTS: readonly Alert[] = [
  {
    name: 'TemporalSlabTargetDown',
    code: 'target-down',
    severity: 'critical',
    // Whatever the job is called: a target that had tslab's numbers within a week: it may be down for long before somebody comes.
    expr: `${family('up')} == 0\n  and on (job, instance) max_over_time(${family('tslab_build_info')}[7d])`,
    for: '5m',
    summary: '{{ $labels.instance }} (job {{ $labels.job }}) has not answered for 5 minutes',
    description: 'Prometheus gets no counters from there: every other alert of its processes is blind.',
  },
  {
    name: 'TemporalSlabNoData',
    code: 'no-data',
    severity: 'warning',
    expr: `absent_over_time(${family('tslab_build_info')}[10m])`,
    for: '5m',
    summary: 'No counters of temporal-slab arrive from anywhere',
    description:
      'These rules are loaded, but no target exposes tslab_build_info: scrape configuration, or the exporters are gone.',
  },
  {
    name: 'TemporalSlabReadsFail',
    code: 'reads-fail',
    severity: 'critical',
    // A scrape works all the same: the target is up and has build_info, but no process.
    expr: `${family('tslab_up')} == 0`,
    for: '5m',
    summary: 'tslab on {{ $labels.instance }} (job {{ $labels.job }}) cannot read any process',
    description: 'It answers scrapes without the counters of any process: every other alert of its processes is blind.',
  },
  {
    name: 'TemporalSlabProcessesUnseen',
    code: 'processes-unseen',
    severity: 'warning',
    expr: `${family('tslab_unusable_files')} > 0 or ${family('tslab_processes_omitted')} > 0`,
    for: '15m',
    summary: 'tslab on {{ $labels.instance }} (job {{ $labels.job }}) leaves out {{ $value }} process(es)',
    description: 'More than --max-processes, or counter files that it cannot use: no alert can fire for those.',
  },
  {
    name: 'TemporalSlabSourceStale',
    code: 'source-stale',
    severity: 'warning',
    expr: `time() - ${family('temporal_slab_snapshot_timestamp_seconds')} > ${T.staleSeconds}`,
    for: '2m',
    summary: `Counters of ${PROCESS} are {{ $value | humanizeDuration }} old`,
    description:
      'What is scraped is an old snapshot: the process ended and its file stayed, the timer stopped, or clocks differ.',
  },
  {
    name: 'TemporalSlabAllocFailures',
    code: 'alloc-failures',
    severity: 'critical',
    expr: wentUp('temporal_slab_alloc_failures_total', W),
    for: '0s',
    summary: `Allocations returned NULL in ${PROCESS}`,
    description: 'The kernel refused memory: a cgroup or address-space limit, overcommit, or too many mappings.',
  },
  {
    name: 'TemporalSlabInvalidFrees',
    code: 'invalid-frees',
    severity: 'warning',
    expr: wentUp('temporal_slab_invalid_frees_total', W),
    for: '0s',
    summary: `Stale or double frees in ${PROCESS}`,
    description: 'The allocator refused them, nothing is corrupted yet; the program has a bug in who owns an object.',
  },
  {
    name: 'TemporalSlabDomainMisuse',
    code: 'domain-misuse',
    severity: 'warning',
    expr: wentUp('temporal_slab_domain_misuses_total', W),
    for: '0s',
    summary: `Domains entered or left wrongly in ${PROCESS}`,
    description: 'A domain was left by another thread than entered it, or in the wrong order: refcounts leak next.',
  },
  {
    name: 'TemporalSlabSlowPathRate',
    code: 'slow-path-rate',
    severity: 'warning',
    expr: `${ratio(rate('temporal_slab_slow_path_hits_total', W), allocations, T.fewAllocations)} > ${T.slowPathRatio}`,
    for: '10m',
    summary: `${PERCENT} of the allocations leave the fast path in ${PROCESS}`,
    description: 'Causes per object size: dashboard "slow paths", or tslab top --by slow_path_rate.',
  },
  {
    name: 'TemporalSlabAllocIntoClosing',
    code: 'alloc-into-closing',
    severity: 'warning',
    expr: `${ratio(rate('temporal_slab_slow_path_epoch_closed_total', W), allocations, T.fewAllocations)} > ${T.intoClosingRatio}`,
    for: '5m',
    summary: `${PERCENT} of the allocations go to an epoch that is closing, in ${PROCESS}`,
    description: 'A thread keeps using an epoch after epoch_close; its allocations are refused.',
  },
  {
    name: 'TemporalSlabMappingChurn',
    code: 'mapping-churn',
    severity: 'warning',
    // Both must be high: slabs that only come are growth, slabs that only go are shrinking.
    expr:
      `${ratio(rate('temporal_slab_slow_path_cache_miss_total', W), allocations, T.fewAllocations)} > ${T.churnRatio}\n` +
      `and ${rate('temporal_slab_cache_overflows_total', W)} / ${allocations} > ${T.churnRatio}`,
    for: '10m',
    summary: `Slabs go back and forth to the kernel in ${PROCESS}: ${PERCENT} of the allocations map one`,
    description: 'Empty slabs find the cache full and are mapped again soon after: page faults on the way of requests.',
  },
  {
    name: 'TemporalSlabRefcountLeak',
    code: 'refcount-leak',
    severity: 'warning',
    // Where somebody allocates, people come and go, or a worker lives as long as its epoch: age alone is no fault.
    expr: `${anyState(family('temporal_slab_epoch_refcount'))} > 0\n  and ${age} > ${T.epochAgeSeconds}\n  and ${idle}`,
    for: '1m',
    summary: `{{ $value }} domain(s) inside an old epoch where nobody allocates: ${EPOCH}`,
    description:
      'As a rule domain_enter without domain_exit: the epoch cannot drain until all have left. Normal for a request that waits for more than 5 minutes.',
  },
  {
    name: 'TemporalSlabEpochActiveOld',
    code: 'epoch-active-old',
    severity: 'warning',
    // Only where others come and go, not the one they come to, and none in use: it may be as old as the process.
    expr:
      `max without (state) (${family('temporal_slab_epoch_age_seconds')}{state="ACTIVE"}) > ${T.epochAgeSeconds}\n` +
      `  and ${anyState(family('temporal_slab_epoch_live_objects'))} > 0\n` +
      `  and ${idle}\n` +
      `  and ignoring (epoch, label) increase(${advances}[15m]) > 0\n` +
      `  unless ${anyState(family('temporal_slab_epoch_refcount'))} > 0\n` +
      `  unless ignoring (label) count_values without () ("epoch", ${family('temporal_slab_current_epoch')})`,
    for: '5m',
    summary: `Epoch still open after {{ $value | humanizeDuration }}: ${EPOCH}`,
    description:
      'The process opens and closes other epochs meanwhile; this one was forgotten and its memory cannot be given back.',
  },
  {
    name: 'TemporalSlabEpochNotDraining',
    code: 'epoch-not-draining',
    severity: 'warning',
    expr:
      `${family('temporal_slab_epoch_live_objects')}{state="CLOSING"} > 0\n` +
      `  and delta(temporal_slab_epoch_live_objects{state="CLOSING"}[10m]) >= 0\n` +
      `  and ${family('temporal_slab_epoch_age_seconds')} > ${T.drainAgeSeconds}`,
    for: '10m',
    summary: `{{ $value | humanize }} objects left in a closed epoch, none freed for 10 minutes: ${EPOCH}`,
    description: 'Leftovers keep whole slabs: find who forgot to free them by the label.',
  },
  {
    name: 'TemporalSlabEpochMemoryLeak',
    code: 'epoch-memory-leak',
    severity: 'critical',
    // A closed epoch should give memory back; an open one should stop growing.
    expr:
      `${family('temporal_slab_epoch_rss_bytes')} > ${T.memoryLeakBytes}\n` +
      `  and ${family('temporal_slab_epoch_age_seconds')} > ${T.memoryLeakAgeSeconds}\n` +
      `  and (temporal_slab_epoch_rss_bytes{state="CLOSING"} or deriv(temporal_slab_epoch_rss_bytes{state="ACTIVE"}[${W}]) > 0)`,
    for: '5m',
    summary: `An epoch holds ${BYTES}: ${EPOCH}`,
    description: 'It is closed and keeps its memory, or it is open and still grows.',
  },
  {
    name: 'TemporalSlabRssGrowth',
    code: 'rss-growth',
    severity: 'warning',
    // Not after a restart (warming up is growth, too), and only while it still goes up.
    expr:
      `${RSS} > ${T.rssGrowthRatio} * ${RSS_BEFORE}\n` +
      `  and ${RSS} - ${RSS_BEFORE} > ${T.rssGrowthBytes}\n` +
      `  and ${perProcess('deriv(temporal_slab_rss_bytes[15m])')} > 0\n` +
      `  and ${perProcess(`resets(${family('temporal_slab_bitmap_alloc_attempts_total')}[1h])`)} == 0`,
    for: '15m',
    summary: `RSS of ${PROCESS} grew to ${BYTES}, by more than a quarter within an hour`,
    description:
      "Compare with the slabs' share on the memory dashboard: if slabs stay level, the growth is not the allocator's.",
  },
  {
    name: 'TemporalSlabPinnedMemory',
    code: 'pinned-memory',
    severity: 'warning',
    expr: `${ratio(
      overClasses(family('temporal_slab_class_pinned_waste_bytes')),
      overClasses(family('temporal_slab_class_committed_bytes')),
      T.pinnedCommittedBytes,
    )} > ${T.pinnedRatio}`,
    for: '15m',
    summary: `${PERCENT} of the slabs' memory is free but pinned in ${PROCESS}`,
    description: 'A few live objects hold whole slabs; objects of different lifetimes share an epoch.',
  },
  {
    name: 'TemporalSlabReclaimableNotReturned',
    code: 'reclaimable-not-returned',
    severity: 'warning',
    expr: `${overClasses(family('temporal_slab_class_reclaimable_slabs'))} * ${family('temporal_slab_slab_size_bytes')} > ${T.reclaimableBytes}`,
    for: '10m',
    summary: `${BYTES} of empty slabs are kept in ${PROCESS}`,
    description: 'Their epochs were never closed, or nothing runs that would sweep them.',
  },
  {
    name: 'TemporalSlabMadviseFailures',
    code: 'madvise-failures',
    severity: 'warning',
    expr: wentUp('temporal_slab_madvise_failures_total', W),
    for: '0s',
    summary: `The kernel refuses to take memory back from ${PROCESS}`,
    description: 'madvise fails: locked memory (mlock, mlockall), a seccomp filter, or a kernel without the call.',
  },
  {
    name: 'TemporalSlabKernelNotCooperating',
    code: 'kernel-not-cooperating',
    severity: 'warning',
    // Numbers of one and the same epoch_close: an epoch's own madvise_bytes goes on counting while it drains. Small closes between the
    // large ones say nothing and must not hide them. The last close stays on record for good.
    expr:
      `avg_over_time(((${family('temporal_slab_last_epoch_close_rss_before_bytes')} - ${family('temporal_slab_last_epoch_close_rss_after_bytes')})\n` +
      `  / (${family('temporal_slab_last_epoch_close_madvise_bytes')} > ${T.cooperationBytes}))[15m:15s]) < ${T.cooperationRatio}\n` +
      `  and time() - ${family('temporal_slab_last_epoch_close_timestamp_seconds')} < ${T.recentCloseSeconds}`,
    for: '10m',
    summary: `RSS drops by only ${PERCENT} of what ${PROCESS} gives back`,
    description:
      'A heuristic: other threads allocate meanwhile. Huge pages, locked memory and swap are the usual causes.',
  },
  {
    name: 'TemporalSlabCloseYieldLow',
    code: 'close-yield-low',
    severity: 'info',
    // Low yield alone is no fault: objects may be freed later, and then slabs go back as they drain.
    expr:
      `${ratio(
        overClasses(rate('temporal_slab_class_epoch_close_recycled_slabs_total', '15m')),
        overClasses(rate('temporal_slab_class_epoch_close_scanned_slabs_total', '15m')),
        0.1,
      )} < ${T.closeYieldRatio}\n` +
      `and ${overEpochs(`${family('temporal_slab_epoch_rss_bytes')}{state="CLOSING"}`)} > ${T.closingBytes}`,
    for: '15m',
    summary: `epoch_close gives back only ${PERCENT} of the slabs it examines in ${PROCESS}`,
    description: 'And closed epochs hold much memory: they are closed while their objects still live.',
  },
  {
    name: 'TemporalSlabCloseCostly',
    code: 'close-costly',
    severity: 'warning',
    // Every class counts every epoch_close: time adds up over classes, calls do not.
    expr: `${ratio(
      overClasses(rate('temporal_slab_class_epoch_close_seconds_total', W)),
      `max without (class, object_size) (${rate('temporal_slab_class_epoch_close_calls_total', W)})`,
    )} > ${T.closeSeconds}`,
    for: '10m',
    summary: `One epoch_close takes {{ $value | humanizeDuration }} on average in ${PROCESS}`,
    description: 'It runs on the thread that closes: that request waits for it.',
  },
  {
    name: 'TemporalSlabLongClose',
    code: 'close-costly',
    severity: 'warning',
    // One close that was long is no news, and stays on record until another comes: it takes a second one, of the same label.
    expr:
      `changes((${family('temporal_slab_longest_epoch_close_timestamp_seconds')}\n` +
      `  and ${family('temporal_slab_longest_epoch_close_seconds')} > ${T.longCloseSeconds}\n` +
      `  and ${family('temporal_slab_longest_epoch_close_scanned_slabs')} > ${T.longCloseSlabs})[15m:15s]) > 0`,
    for: '0s',
    summary: `Closing epochs of {{ $labels.label }} takes more than ${T.longCloseSeconds * 1000} ms, again and again, in ${PROCESS}`,
    description: 'The mean of all closes does not show it; whoever closes those epochs waits that long.',
  },
  {
    name: 'TemporalSlabLockContention',
    code: 'lock-contention',
    severity: 'warning',
    expr: `${ratio(
      rate('temporal_slab_class_lock_contended_total', W),
      rate('temporal_slab_class_lock_acquisitions_total', W),
      T.fewLocks,
    )} > ${T.lockContentionRatio}`,
    for: '10m',
    summary: `${PERCENT} of the lock acquisitions wait, objects of {{ $labels.object_size }} bytes, ${PROCESS}`,
    description: 'Threads meet on the slow path of one object size.',
  },
  {
    name: 'TemporalSlabLabelContention',
    code: 'label-contention',
    severity: 'warning',
    expr: `${ratio(
      overClasses(rate('temporal_slab_class_lock_contended_by_label_total', W)),
      `${overClasses(rate('temporal_slab_class_lock_fast_acquire_by_label_total', W))} + ${overClasses(rate('temporal_slab_class_lock_contended_by_label_total', W))}`,
      T.fewLocks,
    )} > ${T.lockContentionRatio}`,
    for: '10m',
    summary: `${PERCENT} of the lock acquisitions of label {{ $labels.label }} wait in ${PROCESS}`,
    description: 'Only in builds with ENABLE_LABEL_CONTENTION.',
  },
  {
    name: 'TemporalSlabCasContention',
    code: 'cas-contention',
    severity: 'warning',
    expr:
      `${ratio(rate('temporal_slab_class_bitmap_alloc_cas_retries_total', W), rate('temporal_slab_class_bitmap_alloc_attempts_total', W), T.fewAllocations)} > ${T.casRetriesRatio}\n` +
      `or ${ratio(rate('temporal_slab_class_bitmap_free_cas_retries_total', W), rate('temporal_slab_class_bitmap_free_attempts_total', W), T.fewAllocations)} > ${T.casRetriesRatio}`,
    for: '10m',
    summary: `{{ $value | printf "%.2f" }} retries per operation, objects of {{ $labels.object_size }} bytes, ${PROCESS}`,
    description: 'Several threads change the same slab at once, as a rule by freeing what another one allocated.',
  },
  {
    name: 'TemporalSlabRingExhausted',
    code: 'ring-exhausted',
    severity: 'critical',
    // A burst that meets a full ring once is no reason to get up. The second line is for what the first scrape finds.
    expr:
      `increase(${refused}[${W}]) > ${T.refusedRatio} * (increase(${refused}[${W}]) + increase(${advances}[${W}]))\n` +
      `or (${refused} > ${T.refusedRatio} * (${refused} + ${advances}) unless max_over_time(${refused}[1h] offset ${W}))`,
    for: '0s',
    summary: `No free epoch left in ${PROCESS}: more than ${T.refusedRatio * 100} % of the advances are refused`,
    description:
      'Every slot of the ring is held by domains or objects; lifetimes mix from here on and memory stops coming back.',
  },
  {
    name: 'TemporalSlabLabelRegistryFull',
    code: 'label-registry-full',
    severity: 'info',
    expr: `${family('temporal_slab_label_registry_overflows_total')} > 0`,
    for: '5m',
    summary: `More than 15 labels in ${PROCESS}: {{ $value | humanize }} went without a name`,
    description: 'Their epochs and their contention appear under another name. Labels are kinds of work, not requests.',
  },
];
