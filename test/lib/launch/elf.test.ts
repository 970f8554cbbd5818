import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { machineName, readElf } from '../../../src/lib/launch/elf.ts';
import { elfFile } from './elf-file.ts';

const of = (bytes: Buffer) => readElf((offset, length) => bytes.subarray(offset, offset + length));

describe('readElf', () => {
  test('reads a real program', () => {
    const elf = of(readFileSync(process.execPath));
    expect(elf?.bits).toBe(64);
    expect(elf?.interpreter).toMatch(/ld-linux/);
  });

  test.each([
    [{ bits: 64, big: false, machine: 62, interpreter: '/lib64/ld-linux-x86-64.so.2' }, 'x86-64, 64 bits'],
    [{ bits: 64, big: false, machine: 183, interpreter: '/lib/ld-musl-aarch64.so.1' }, 'ARM64, 64 bits'],
    [{ bits: 32, big: false, machine: 3, interpreter: '/lib/ld-linux.so.2' }, 'x86, 32 bits'],
    [{ bits: 64, big: true, machine: 22, interpreter: '/lib/ld64.so.1' }, 'IBM Z, 64 bits'],
    [{ bits: 32, big: true, machine: 999 }, 'machine 999, 32 bits'],
  ] as const)('%j', (wanted, name) => {
    const { big: _, ...elf } = wanted;
    expect(of(elfFile(wanted))).toEqual(elf);
    expect(machineName(elf)).toBe(name);
  });

  test('whatever the bytes are, there is an answer', () => {
    const whole = elfFile({ bits: 64, big: false, machine: 62, interpreter: '/lib64/ld-linux-x86-64.so.2' });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255))),
        fc.nat(whole.length),
        (changes, length) => {
          const bytes = Buffer.from(whole);
          for (const [at, value] of changes) bytes[at] = value;
          of(bytes.subarray(0, length));
        },
      ),
      { numRuns: 2000 },
    );
  });
});
