/** What the first bytes of a Linux program say (System V gABI, chapters 4 and 5). */
export interface Elf {
  /** e_machine: 62 is x86-64. */
  readonly machine: number;
  readonly bits: 32 | 64;
  /** The dynamic linker that it asks for; absent where it is linked statically. */
  readonly interpreter?: string;
}

const MACHINES: Readonly<Record<number, string>> = {
  3: 'x86',
  21: 'PowerPC',
  22: 'IBM Z',
  40: 'ARM',
  62: 'x86-64',
  183: 'ARM64',
  243: 'RISC-V',
};

/** @returns e.g. `ARM64, 64 bits` */
export function machineName({ machine, bits }: Elf): string {
  return `${MACHINES[machine] ?? `machine ${machine}`}, ${bits} bits`;
}

const PT_INTERP = 3;
const LONGEST_PATH = 4096;

/**
 * @param read gives up to so many bytes from an offset of the file; fewer at its end
 * @returns undefined for what is no ELF file, or a damaged one
 */
export function readElf(read: (offset: number, length: number) => Buffer): Elf | undefined {
  const head = read(0, 64);
  if (head.length < 52 || head.readUInt32BE(0) !== 0x7f454c46) return undefined;
  const bits = head[4] === 2 ? 64 : 32;
  if (bits === 64 && head.length < 64) return undefined;
  const big = head[5] === 2;
  const u16 = (bytes: Buffer, at: number) => (big ? bytes.readUInt16BE(at) : bytes.readUInt16LE(at));
  const u32 = (bytes: Buffer, at: number) => (big ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at));
  const u64 = (bytes: Buffer, at: number) => Number(big ? bytes.readBigUInt64BE(at) : bytes.readBigUInt64LE(at));
  const word = bits === 64 ? u64 : u32;
  const machine = u16(head, 18);
  const headers = word(head, bits === 64 ? 32 : 28);
  const size = u16(head, bits === 64 ? 54 : 42);
  const count = u16(head, bits === 64 ? 56 : 44);
  const least = bits === 64 ? 56 : 32;
  if (size < least || !Number.isSafeInteger(headers)) return undefined;
  const table = read(headers, size * count);
  for (let at = 0; at + least <= table.length; at += size) {
    if (u32(table, at) !== PT_INTERP) continue;
    const offset = word(table, at + (bits === 64 ? 8 : 4));
    const length = word(table, at + (bits === 64 ? 32 : 16));
    if (!Number.isSafeInteger(offset) || length > LONGEST_PATH) return undefined;
    const [interpreter = ''] = read(offset, length).toString('utf8').split('\0');
    return { machine, bits, interpreter };
  }
  return { machine, bits };
}
