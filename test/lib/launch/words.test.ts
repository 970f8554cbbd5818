import { expect, test } from 'vitest';
import { splitCommandLine } from '../../../src/lib/launch/words.ts';

const FLAGS = {
  epoch: { type: 'option' },
  output: { type: 'option', char: 'o' },
  report: { type: 'boolean' },
} as const;

test.each([
  ['-- ls -l', '', 'ls -l'],
  ['ls -l', '', 'ls -l'],
  ['--epoch 1s ls --epoch 2s', '--epoch 1s', 'ls --epoch 2s'],
  ['--epoch=1s --report -- ls -- -l', '--epoch=1s --report', 'ls -- -l'],
  ['-o file ls', '-o file', 'ls'],
  ['-ofile ls', '-ofile', 'ls'],
  ['--report --unknown ls', '--report --unknown', 'ls'],
  ['ls -- -l', '', 'ls -- -l'],
  ['--epoch -- ls', '--epoch --', 'ls'],
  ['- x', '', '- x'],
  ['--', '', ''],
  ['', '', ''],
  ['--epoch', '--epoch', ''],
])('%s', (line, own, words) => {
  const split = (text: string) => text.split(' ').filter(Boolean);
  expect(splitCommandLine(split(line), FLAGS)).toEqual({ own: split(own), words: split(words) });
});
