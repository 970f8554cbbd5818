import type { Code, Confidence, EpochRef, Finding } from '../../diagnose/finding.ts';
import { phrase } from '../../snapshot/phrases.ts';
import type { U64 } from '../../snapshot/u64.ts';
import { formatBytes, formatCount, formatNanoseconds, formatSeconds, formatShare } from '../../units.ts';

/**
 * Every word that a person reads of a finding, one case per code: what was found, what the code means, what to do. Labels are hostile and go through
 * `safe`; a layout that makes its whole text safe leaves that out.
 */
type MakeSafe = (text: string) => string;
const asIs: MakeSafe = (text) => text;

/** @returns what was found, one or two sentences */
export function headline(finding: Finding, safe: MakeSafe = asIs): string {
  const { owner } = finding;
  const label = owner.label === undefined || owner.label === '' ? '' : ` (${safe(owner.label)})`;
  const size = owner.objectSize === undefined ? '' : `class ${owner.objectSize}`;
  switch (finding.code) {
    case 'refcount-leak':
      return refcountLeak(finding, label);
    case 'epoch-not-draining': {
      const { epochs, objects, bytes, draining } = finding.args;
      const state = draining
        ? 'and it drains slowly'
        : draining === false
          ? 'and none was freed while it was watched'
          : 'and nobody is inside';
      return `${epochsText(epochs, label)}: ${closed(epochs)}, still ${things(objects, 'object')} on ${formatBytes(bytes)} of slabs, ${state}. Objects leaked without a domain, or kept longer than their epoch.`;
    }
    case 'epoch-active-old': {
      const { epochs, bytes, idle } = finding.args;
      const use = idle
        ? 'nothing was allocated in it while it was watched'
        : 'one snapshot cannot tell whether it is in use';
      return `${epochsText(epochs, label)}: open for ${ageOf(epochs)}, nobody inside, ${formatBytes(bytes)} of slabs; ${use}. Somebody forgot to close it.`;
    }
    case 'alloc-into-closing': {
      const { refused, share, epochs } = finding.args;
      const where = epochs.length === 0 ? 'closed epochs' : epochsText(epochs.slice(0, 1), label);
      const more = epochs.length > 1 ? ` and ${epochs.length - 1} more` : '';
      return `${things(refused, 'allocation')} refused (${formatShare(share)} of all): they went into ${where}${more} after the close. Application bug: an epoch's number is kept longer than the epoch.`;
    }
    case 'cache-undersized': {
      const { mapped, slowPaths, evicted, capacity } = finding.args;
      const cache = capacity === undefined ? 'its cache' : `its cache of ${capacity}`;
      return `${size}${others(finding.args)}: ${formatCount(mapped)} of ${formatCount(slowPaths)} slow paths had to fault a slab in, while ${cache} evicted ${formatCount(evicted)}. The slabs thrown away are the slabs needed next.`;
    }
    case 'mapping-churn': {
      const { givenBackPerSec, takenAgainPerSec, heldBytes } = finding.args;
      return `${formatBytes(givenBackPerSec)}/s are given back to the kernel and ${formatBytes(takenAgainPerSec)}/s taken again, for ${formatBytes(heldBytes)} held${chiefly(label)}. Page faults are the price.`;
    }
    case 'pinned-memory': {
      const { epochs, pinnedBytes, slabBytes, share } = finding.args;
      return `${label === '' ? 'unlabeled epochs' : label.slice(2, -1)}: survivors of ${things(epochs.length, 'closed epoch')} pin ${formatBytes(pinnedBytes)} of free slots, ${formatShare(share)} of the ${formatBytes(slabBytes)} of slabs they stand on. RSS will not fall before they are freed.`;
    }
    case 'reclaimable-not-returned': {
      const { epochs, bytes, state } = finding.args;
      return state === 'CLOSING'
        ? `${epochsText(epochs, label)}: ${closed(epochs)}, and ${formatBytes(bytes)} of empty slabs are still not given back. A thread stopped inside an operation keeps the epoch from being swept.`
        : `${epochsText(epochs, label)}: open for ${ageOf(epochs)} with ${formatBytes(bytes)} of empty slabs. Threads keep those of an open epoch; closing it gives them back.`;
    }
    case 'madvise-failures': {
      const { failures, calls, share } = finding.args;
      return `the kernel refused ${formatCount(failures)} of ${formatCount(calls)} offers to take memory back (${formatShare(share)}), most in ${size || 'no class in particular'}. That memory stays in RSS.`;
    }
    case 'kernel-not-cooperating': {
      const { closes, offeredBytes, fellBytes, threads } = finding.args;
      const busy =
        threads !== undefined && Number(threads) > 1 ? ` ${threads} threads may have taken memory meanwhile.` : '';
      return `${things(closes, 'close')} gave ${formatBytes(offeredBytes)} back; around them RSS ${moved(fellBytes)}${chiefly(label)}. Fact and correlation, no proof.${busy}`;
    }
    case 'close-yield-low': {
      const { calls, scanned, recycled, yield: closeYield, timeShare } = finding.args;
      return `${things(calls, 'close')} scanned ${formatCount(scanned)} slabs and gave ${formatCount(recycled)} back (${formatShare(closeYield)}), which took ${formatShare(timeShare)} of the time that passed. Epochs are closed long before their objects are freed${chiefly(label)}.`;
    }
    case 'close-costly': {
      const { sign, calls, meanNs, timeShare, slabs } = finding.args;
      if (sign === 'one') {
        const times = calls === 1 ? '' : ` each of ${calls} times`;
        return `epoch ${owner.epochId}${label}: closing it took ${formatNanoseconds(meanNs)}${times}, for ${things(slabs ?? 0, 'slab')}. Whoever closed it waited that long, and the mean of all closes does not show it.`;
      }
      const busy = timeShare === undefined ? '' : `, together ${formatShare(timeShare)} of the time that passed`;
      return `${things(calls, 'close')} took ${formatNanoseconds(meanNs)} each${busy}. Whoever closes an epoch waits that long${chiefly(label)}.`;
    }
    case 'lock-contention': {
      const { events, of, share } = finding.args;
      return `${size}${others(finding.args)}: ${formatShare(share)} of ${formatCount(of)} lock acquisitions had to wait (${formatCount(events)}).`;
    }
    case 'cas-contention': {
      const { events, of, share, on } = finding.args;
      return `${size}${others(finding.args)}: ${share.toPrecision(2)} compare-and-swap retries per ${on === 'alloc' ? 'allocation' : 'free'} (${formatCount(events)} in ${formatCount(of)}). Threads meet in the same words.`;
    }
    case 'label-contention': {
      const { events, of, share, ofAll, on } = finding.args;
      const who = label === '' ? 'code outside any labeled epoch' : label.slice(2, -1);
      return on === 'lock'
        ? `${who} causes ${formatShare(ofAll)} of all lock waits (${formatCount(events)}, most in ${size}); ${formatShare(share)} of its ${formatCount(of)} acquisitions had to wait.`
        : `${who} causes ${formatShare(ofAll)} of all compare-and-swap retries on ${on} (${formatCount(events)}, most in ${size}): ${share.toPrecision(2)} per operation of the allocator.`;
    }
    case 'ring-exhausted': {
      const { refused, advances, slots, holders } = finding.args;
      const held = holders
        .slice(0, 4)
        .map((one) => `${one.label === '' ? '(unlabeled)' : safe(one.label)} ${one.slots}`)
        .join(', ');
      return `${things(refused, 'advance')} refused (${formatCount(advances)} succeeded): every one of the ring's ${formatCount(slots)} slots was held. Held now: ${held === '' ? 'none' : held}.`;
    }
    case 'label-registry-full': {
      const { overflows, count, max } = finding.args;
      const lost =
        overflows === undefined || overflows === 0
          ? 'The next label'
          : `${things(overflows, 'label')} found it full; each`;
      return `${formatCount(count)} of ${formatCount(max)} label ids are taken. ${lost} shares id 0 with everything unlabeled, and its contention cannot be told apart.`;
    }
    case 'rss-not-allocator': {
      const { rssGrewBytes, allocatorGrewBytes, givenBackBytes, seconds } = finding.args;
      const time = seconds === undefined ? '' : ` in ${formatSeconds(seconds)}`;
      const grew = `RSS grew by ${formatBytes(rssGrewBytes)}${time}, slabs and their metadata by ${formatBytes(allocatorGrewBytes)}`;
      return givenBackBytes === undefined
        ? `${grew}. It is not this allocator: look at malloc, mappings, stacks and files.`
        : `${grew}; ${formatBytes(givenBackBytes)} more were given back to the kernel. If it did not take them, that is the growth; else it is not this allocator.`;
    }
    case 'law-broken': {
      const { warning, snapshots, of } = finding.args;
      const many = of > 1 ? ` (in ${snapshots} of ${of} snapshots)` : '';
      return `${phrase(warning)}${many}. The producer is wrong, and so may be what else its numbers say.`;
    }
    case 'source-torn': {
      const { snapshots, of } = finding.args;
      return of === 1
        ? 'the sections of this snapshot were not read at one instant: its numbers may disagree with each other.'
        : `${snapshots} of ${of} snapshots are torn: their sections were not read at one instant, and may disagree with each other.`;
    }
    case 'source-stale': {
      const { how, ageSec, snapshots } = finding.args;
      const since = ageSec === undefined ? '' : `, ${formatSeconds(Math.max(0, ageSec))} ago`;
      if (how === 'ended') return `the process has ended${since}: this is the last state it left.`;
      if (how === 'old')
        return `the newest snapshot is ${formatSeconds(Math.max(0, ageSec ?? 0))} old: the source no longer says anything new.`;
      return `the last ${snapshots} snapshots bear the very same time: the source no longer says anything new.`;
    }
  }
}

function refcountLeak({ args }: Finding<'refcount-leak'>, label: string): string {
  const { epochs, domains, sign, idle } = args;
  const who = epochsText(epochs, label);
  const missing = `${countWord(domains)} missing domain exit${Number(domains) === 1 ? '' : 's'}`;
  const refs = epochs.length === 1 ? `refcount ${domains}` : `refcounts that add up to ${domains}`;
  const bug = 'Application bug, not the allocator.';
  switch (sign) {
    case 'no-threads':
      return `${who}: ${refs}, and no thread is left that could leave: ${missing}. ${bug}`;
    case 'growing':
      return `${who}: ${refs}, and it only ever grew while it was watched: domains are entered and not left. ${bug}`;
    case 'overtaken':
      return `${who}: open for ${ageOf(epochs)}, ${refs}, nothing allocated in it while it was watched and newer epochs came: ${missing}? Or somebody waits inside.`;
    case 'old': {
      if (epochs.every(({ state }) => state === 'CLOSING'))
        return `${who}: ${closed(epochs)}, ${refs}: ${missing}. ${bug}`;
      if (idle === false)
        return `${who}: open for ${ageOf(epochs)}, ${refs}, and allocated from all the time: a long-lived worker, or ${missing}.`;
      return `${who}: open for ${ageOf(epochs)}, ${refs}: ${missing}. ${bug}`;
    }
  }
}

/** @returns what to do about it, in a sentence or two */
export function action(finding: Finding): string {
  switch (finding.code) {
    case 'refcount-leak':
      return 'find the code that enters a domain of this label and does not leave it on every path (early return, exception, thread that ends); epoch_domain_force_close gives the memory back meanwhile';
    case 'epoch-not-draining':
      return 'free what this label still holds, or keep it in an epoch that lives as long; epoch_merge frees the slots of the ring until then';
    case 'epoch-active-old':
      return 'close it when its work is done (epoch_close, or a domain that closes with its last user)';
    case 'alloc-into-closing':
      return 'take epoch_current() or a domain anew for each unit of work, and enter the domain before allocating: an entered domain cannot be closed by its other users';
    case 'cache-undersized':
      return 'let the peak live in one epoch that stays open across the dips, or in several smaller epochs closed one after the other; compare with tslab diff';
    case 'mapping-churn':
      return 'close epochs less often, or fill and empty in smaller steps, so that slabs come from the cache; compare with tslab diff';
    case 'pinned-memory':
      return 'free the survivors, or allocate what outlives the epoch in an epoch of its own';
    case 'reclaimable-not-returned':
      return finding.args.state === 'CLOSING'
        ? 'find the thread that is stopped inside an allocation (a debugger, SIGSTOP, a starved cgroup); the next epoch_advance or epoch_close sweeps the epoch'
        : 'close the epoch and open a new one';
    case 'madvise-failures':
      return 'look for locked memory (mlock, mlockall, ulimit -l) and for seccomp filters; strace -e madvise names the error';
    case 'kernel-not-cooperating':
      return 'look for locked memory, transparent huge pages and a kernel or sandbox that takes madvise as a hint only; measure a quiet process to be sure';
    case 'close-yield-low':
      return 'close later, when most objects are freed, or close fewer and larger epochs';
    case 'close-costly':
      return finding.args.sign === 'one'
        ? 'close this epoch from a thread that may wait, or split what it holds among several; tslab top --epochs --by close_ns lists the others'
        : 'close from a thread that may wait, and make epochs smaller';
    case 'lock-contention':
      return 'keep objects of this size in fewer, longer epochs, so that threads take slabs less often; tslab top --labels --by lock_contended --window 1s says who it is, in builds with ENABLE_LABEL_CONTENTION';
    case 'cas-contention':
      return 'free objects on the thread that allocated them, or hand them over in batches';
    case 'label-contention':
      return 'give this label fewer threads per epoch, longer epochs or objects of other sizes; watch it with tslab top --labels --by lock_contended --window 1s';
    case 'ring-exhausted':
      return 'close and drain what holds the slots (the other findings say what), share epochs between short units of work, merge old ones with epoch_merge';
    case 'label-registry-full':
      return 'use labels for kinds of work, not for single requests, users or threads: 15 different ones are kept';
    case 'rss-not-allocator':
      return 'look at the rest of the process: /proc/PID/smaps, heap profilers, file mappings';
    case 'law-broken':
      return 'report it to the maker of the producer; tslab validate lists every place';
    case 'source-torn':
      return 'take another snapshot; a producer that tears all of them is stopped inside a section, or broken';
    case 'source-stale':
      return finding.args.how === 'ended'
        ? 'for a live one: tslab ps'
        : 'look at what writes the source: a stopped process, a timer that no longer runs, a cached answer';
  }
}

/** @returns what the code means, for --explain and reports that describe their rules */
export function meaning(code: Code): string {
  switch (code) {
    case 'refcount-leak':
      return 'Somebody entered an epoch and did not leave it. The epoch can never be closed by its last user, and its slot of the ring never be used again.';
    case 'epoch-not-draining':
      return 'An epoch was closed, nobody is inside, and objects in it are not freed. They keep slabs and a slot of the ring.';
    case 'epoch-active-old':
      return 'An epoch is open, nobody is inside and nobody allocates in it. Its empty slabs stay with their threads, and its slot of the ring is taken.';
    case 'alloc-into-closing':
      return 'Allocations come to an epoch that was closed. They are refused: the program gets NULL.';
    case 'cache-undersized':
      return 'A class evicts empty slabs from its cache and faults memory in again right after.';
    case 'mapping-churn':
      return 'Memory is given back to the kernel and taken again at a high rate. Every page costs a fault.';
    case 'pinned-memory':
      return 'A few objects that outlived their epoch keep whole slabs. What is free around them cannot be given back.';
    case 'reclaimable-not-returned':
      return 'Slabs without a single object are neither used nor given back.';
    case 'madvise-failures':
      return 'The kernel refused memory that was offered back to it. RSS does not fall.';
    case 'kernel-not-cooperating':
      return 'Closes gave memory back, and RSS hardly fell between just before and just after. Other threads move RSS at the same time, so this is correlation.';
    case 'close-yield-low':
      return 'Closing epochs takes time and finds little to give back.';
    case 'close-costly':
      return 'Closing an epoch takes long, one or all of them, or closing epochs takes a large part of a processor.';
    case 'lock-contention':
      return 'Threads often wait for the lock of a size class, which they need for new slabs only.';
    case 'cas-contention':
      return 'Threads often meet in the same word of a slab when they allocate or free.';
    case 'label-contention':
      return 'Most contention is charged to one label. Needs a build with ENABLE_LABEL_CONTENTION.';
    case 'ring-exhausted':
      return 'No slot of the ring of epochs was free when a new epoch was to open. The program went on in an old one.';
    case 'label-registry-full':
      return 'There are more different labels than ids for them. Later ones share id 0.';
    case 'rss-not-allocator':
      return 'The process grows, and this allocator does not.';
    case 'law-broken':
      return 'Numbers of a snapshot contradict each other, or a counter went down. See docs/validate.md for the laws.';
    case 'source-torn':
      return 'The producer could not read all its sections at one instant.';
    case 'source-stale':
      return 'The source says nothing new: the process has ended, or whatever carries its snapshots has stopped.';
  }
}

/** @returns how sure it is, for people */
export function confidenceText(confidence: Confidence): string {
  return confidence === 'certain' ? 'certain' : `${confidence} confidence`;
}

/** For a finding on everybody that mostly concerns one: its label as the headlines have it, in parentheses. */
function chiefly(label: string): string {
  return label === '' ? '' : `, mostly${label.replace(' (', ' ').slice(0, -1)}`;
}

function epochsText(epochs: readonly EpochRef[], label: string): string {
  const [first] = epochs;
  if (!first) return `an epoch${label}`;
  return epochs.length === 1 ? `epoch ${first.id}${label}` : `${epochs.length} epochs${label}, the first ${first.id}`;
}

/** Since when, of the first; older producers say only when it was opened. */
function closed(epochs: readonly EpochRef[]): string {
  const [first] = epochs;
  const which = epochs.length === 1 ? '' : 'the oldest ';
  return first?.closedSec === undefined
    ? `closed, ${which}opened ${ageOf(epochs)} ago`
    : `${which}closed ${secondsText(first.closedSec)} ago`;
}

function ageOf([first]: readonly EpochRef[]): string {
  return secondsText(first?.ageSec ?? 0);
}

/** Seconds as such as long as people read them easily. */
function secondsText(seconds: U64): string {
  return Number(seconds) < 1000 ? `${seconds} s` : formatSeconds(seconds);
}

/** The other classes with the same trouble. */
function others({ objectSizes }: { readonly objectSizes: readonly U64[] }): string {
  return objectSizes.length > 1 ? ` (as ${objectSizes.slice(1).join(', ')})` : '';
}

function things(count: U64, what: string): string {
  return `${formatCount(count)} ${what}${Number(count) === 1 ? '' : 's'}`;
}

function moved(fell: U64): string {
  const bytes = Number(fell);
  if (bytes === 0) return 'did not move';
  return bytes > 0 ? `fell by ${formatBytes(fell)}` : `rose by ${formatBytes(-bytes)}`;
}

const WORDS = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];

function countWord(count: U64): string {
  return WORDS[Number(count)] ?? formatCount(count);
}
