import type { Results } from '../results.ts';
import { table } from './format.ts';
import { header } from './header.ts';

/** Instructions that order memory or are atomic read-modify-writes, and what they are. */
const KINDS: readonly { name: string; pattern: RegExp }[] = [
  { name: 'load-acquire (ldar, ldapr)', pattern: /^(ldar|ldapr)/ },
  { name: 'store-release (stlr)', pattern: /^stlr/ },
  {
    name: 'exclusive pair or atomic (ldxr, ldaxr, stxr, stlxr, cas, ldadd, …)',
    pattern: /^(ldxr|ldaxr|stxr|stlxr|cas|ldadd|ldset|ldclr|swp)/,
  },
  { name: 'barrier (dmb, dsb, isb)', pattern: /^(dmb|dsb|isb)/ },
  { name: 'call or tail call out of line (bl, b to a symbol)', pattern: /^(bl?r?) .*<(?!self)/ },
];

/** docs/arm-portability.md */
export function armPage(results: Results): string {
  const functions = Object.entries(results.runs['arm64'] ?? {}).map(([name, builds]) => ({
    name,
    listing: (builds['gcc']?.[0]?.['listing'] as string[] | undefined) ?? [],
  }));
  const codes = (name: string, listing: string[]) =>
    listing.map((line) => line.replace(/^[0-9a-f]+: /, '').replace(`<${name}`, '<self'));
  const rows = [
    ['instructions, slow branches included', ...functions.map(({ listing }) => `${listing.length}`)],
    ...KINDS.map(({ name: kind, pattern }) => [
      kind,
      ...functions.map(({ name, listing }) => `${codes(name, listing).filter((code) => pattern.test(code)).length}`),
    ]),
  ];
  return `# ARM64

${header(results, 'npm run bench -- --docs')}

temporal-slab runs on x86-64 and on ARM64, with pages of 4, 16 and 64 KiB (\`make -C native PAGE_KIB=16\` or \`64\`). Every native test also runs as ARM64 code under qemu (\`native/tests/run arm64\`). qemu executes on
this machine's memory model, so weak ordering is argued below, not proven by those runs; times on ARM64 hardware were not measured.

## What the hot paths become

Cross-compiled by aarch64-linux-gnu-gcc at \`-O2\` for plain ARMv8.0, without the atomics of ARMv8.1:

${table(['in the function', ...functions.map(({ name }) => `\`${name}\``)], rows)}
No barrier and no exclusive pair stands on the way of an allocation, or of a free by the thread that owns the slab: both use plain loads and stores, and at most a load-acquire and a store-release, which cost
about as much. Compare-and-swaps are in the functions for frees by other threads, which are called out of line.

## Why the order suffices

| what | on the hot path | the other side | why it holds on a weak memory model |
|---|---|---|---|
| An object's contents reach who frees it | nothing of ours | nothing of ours | The program hands the object over by means of its own, which order it, as with every allocator |
| A free by another thread, then the slot's next allocation | | compare-and-swap with acquire-release on the slot's state, sequentially consistent bit in \`remote\` | the owner collects \`remote\` by an exchange, and so sees all that the freeing thread did before |
| \`epoch_close\` against an allocation inside the epoch | plain store to \`busy\`, a compiler barrier only, plain load of the magazine's top | clears \`open\`, shuts the magazines, then \`membarrier(2)\`, then reads \`busy\` and the tops | the system call makes every running thread pass a full barrier: either the closing thread sees \`busy\`, or the allocating one sees its magazine shut and takes the slow path, which reads \`open\` after the top (load-acquire). A top overwritten by an operation that had begun is seen by the closing thread, which shuts it anew, now or, where the operation takes longer than it waits, at the next occasion. The same on every processor Linux runs on |
| End of an operation | store-release to \`busy\` | load-acquire of \`busy\` | whoever sees the thread outside sees all it did inside |
| The owner's counters | plain load, add, store (x86-64: one add to memory, not locked) | plain loads by a reader | one writer; 64-bit accesses are whole on both; a reader needs no order between two counters of different threads, and laws within a snapshot are made to hold by the order in which it reads |
| Where slabs are (\`slab_table\`) | plain loads of the heap's copies, and of the slab's entry once \`owner\` is this heap | the table is made before the heap; an entry is written under the class lock under which the thread takes the slab | a thread looks further into entries of its own slabs only, which it has taken under that lock |

Where the kernel offers no \`membarrier\`, all threads share one heap under a lock: slower, equally correct.

## The sequences

${functions.map(({ name, listing }) => `\`${name}\`:\n\n\`\`\`asm\n${listing.join('\n')}\n\`\`\`\n`).join('\n')}`;
}
