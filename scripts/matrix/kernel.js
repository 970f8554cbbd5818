// How long the kernel takes to take memory back. There are virtual machines on which it takes so long that closing an epoch is dear, and doctor
// rightly says so of workloads that are healthy otherwise.
import { spawnSync } from 'node:child_process';

/** Of a slab of 16 KiB. What doctor's thresholds come from is 32 MiB in 0.5 ms: a quarter of a microsecond each. */
export const SLOW_US = 5;
/** Findings that go by the time which closes take. */
const OF_SLOW_CLOSES = ['close-costly', 'close-yield-low'];

// The thread's own time: what others take of the processor is none of the kernel's. The longest round: such machines are slow at times.
const PROBE = `
import mmap, time
SLAB, SLABS = 16384, 512
memory = mmap.mmap(-1, SLAB * SLABS, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
def round():
    for page in range(0, SLAB * SLABS, 4096): memory[page] = 1
    begun = time.thread_time()
    for slab in range(SLABS): memory.madvise(mmap.MADV_DONTNEED, slab * SLAB, SLAB)
    return (time.thread_time() - begun) / SLABS * 1e6
print(max(round() for _ in range(5)))`;

let slowUs = 0;

/**
 * Measures anew unless the machine was slow before. To be asked after what is to be judged, too.
 * @returns {string[]} codes of what is rightly said of any workload on this machine; says so, once, where there are some
 */
export function saidOfThisMachine() {
  if (slowUs === 0) {
    const { status, stdout } = spawnSync('/usr/bin/python3', ['-c', PROBE], { encoding: 'utf8' });
    const us = status === 0 ? Number(stdout) : 0;
    if (!(us > SLOW_US)) return [];
    slowUs = us;
    console.log(
      `this machine takes ${us.toFixed(0)} µs to take 16 KiB back: ${OF_SLOW_CLOSES.join(' and ')} are rightly said`,
    );
  }
  return OF_SLOW_CLOSES;
}
