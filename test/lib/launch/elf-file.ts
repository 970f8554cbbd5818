export interface ElfChoice {
  readonly bits: 32 | 64;
  readonly big: boolean;
  readonly machine: number;
  readonly interpreter?: string;
}

/** @returns a program file with no code in it: the header, one program header that is no interpreter's, and the interpreter's where there is one */
export function elfFile({ bits, big, machine, interpreter }: ElfChoice): Buffer {
  const wide = bits === 64;
  const [head, entry] = wide ? [64, 56] : [52, 32];
  const path = Buffer.from(interpreter === undefined ? '' : `${interpreter}\0`);
  const bytes = Buffer.alloc(head + 2 * entry + path.length);
  const u16 = (value: number, at: number) => (big ? bytes.writeUInt16BE(value, at) : bytes.writeUInt16LE(value, at));
  const u32 = (value: number, at: number) => (big ? bytes.writeUInt32BE(value, at) : bytes.writeUInt32LE(value, at));
  const word = (value: number, at: number) => u32(value, wide && big ? at + 4 : at);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, wide ? 2 : 1, big ? 2 : 1, 1]);
  u16(2, 16);
  u16(machine, 18);
  word(head, wide ? 32 : 28);
  u16(entry, wide ? 54 : 42);
  u16(interpreter === undefined ? 1 : 2, wide ? 56 : 44);
  u32(1, head);
  if (interpreter === undefined) return bytes;
  const at = head + entry;
  u32(3, at);
  word(head + 2 * entry, at + (wide ? 8 : 4));
  word(path.length, at + (wide ? 32 : 16));
  path.copy(bytes, head + 2 * entry);
  return bytes;
}
