import { figure, table } from './format.ts';

/** Slots of a 16 KiB slab by object size: native/src/config.h and classes.c. */
const SIZES = [64, 96, 128, 192, 256, 384, 512, 768];
const SLAB_BYTES = 16384;
const STATES_PER_LINE = 8;
/** What it takes to fetch a line that another core has written, in ns: orders of magnitude for current server processors; `perf c2c` and a machine's manual know better. */
const SAME_SOCKET_NS = 50;
const OTHER_SOCKET_NS = 150;

/** A section of docs/contention-results.md: what cannot be measured on a machine with one socket. */
export function sharingModel(): string {
  const rows = SIZES.map((bytes) => {
    const slots = Math.floor(SLAB_BYTES / bytes);
    // Best: a slab's objects are freed in order, by one thread. The states' lines go over once, the line of the bits and the header once and back.
    const best = (Math.ceil(slots / STATES_PER_LINE) + 3) / slots;
    // Worst: each free by another thread than the one before: its state's line and the bits' line move every time, and the header is read anew.
    const worst = 2 + 1 / slots;
    return [
      `${bytes}`,
      `${slots}`,
      figure(best),
      figure(worst),
      `${figure(best * SAME_SOCKET_NS)} … ${figure(worst * SAME_SOCKET_NS)}`,
      `${figure(best * OTHER_SOCKET_NS)} … ${figure(worst * OTHER_SOCKET_NS)}`,
    ];
  });
  return `## On paper: false sharing and several sockets

This is a model, not a measurement.

**Between allocations and frees of one thread no line is shared.** A slab has one owner; its states and its bitmap are written by the owner alone, its entry in the table (two to a line) only when it changes hands or lists, counters stand in a block per thread, and the marks by
which other threads free (\`remote\`) have a line of their own. So the number of threads, cores and sockets does not enter the cost of an allocation or of a thread's own free.

**Objects of two threads meet on one line only in the class of 96 bytes**: all other classes are multiples of a line of 64 bytes and slabs begin on a line. There too, neighbours begin as one thread's; they are apart
only once handed to others. \`cache-scratch\` in [performance](performance.md) is the measured side of this.

**A free by another thread moves lines.** It claims the state (8 to a line), sets a bit in \`remote\` (one line per slab), and, if it is the first, puts the slab into its owner's list. Lines moved per such free,
and what that costs at ${SAME_SOCKET_NS} ns for a line from a core of the same socket and ${OTHER_SOCKET_NS} ns for one of another socket:

${table(['object bytes', 'objects in a slab', 'lines moved, one thread in order', 'lines moved, threads in turn', 'ns, same socket', 'ns, other socket'], rows)}
The object's own lines, which its last user wrote, come on top with every allocator.

**Memory stands where it was first written.** The kernel places a slab's pages on the node of the thread that first used them. A slab stays with its thread until its epoch is closed or it is empty; after
that any thread may take it over, from whichever node. On several nodes an allocator instance per node keeps them apart.
`;
}
