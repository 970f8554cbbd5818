import { afterAll, beforeAll, expect, test } from 'vitest';
import { fixturePath } from '../fixtures.ts';
import { installed } from './installed.ts';
import { TestTerminal } from './tmux.ts';

let terminal: TestTerminal;
beforeAll(() => {
  terminal = new TestTerminal(180, 100);
});
afterAll(() => terminal.close());

test('on a terminal stats frames its tables and colours its titles; labels cannot steer it', async () => {
  terminal.run(
    `clear; env -u CI -u NO_COLOR ${installed.bin} stats --all ${fixturePath('hostile-labels.json')}; echo "ended with $?"`,
  );
  const screen = await terminal.see(/ended with 0/);
  expect(screen).toMatch(/┌─+┬─+/);
  expect(screen).toMatch(/│ +128 B │/);
  expect(screen).toContain('\\x1b[2J\\x1b]0;owned');
  const epochs = screen.split('\n').filter((line) => line.startsWith('│') && /ACTIVE|CLOSING/.test(line));
  expect(epochs.length).toBe(16);
  expect(new Set(epochs.map((line) => line.length)).size).toBe(1);
  expect(terminal.colours()).toContain('\x1b[1mMemory');
  expect(terminal.title()).not.toContain('owned');
});
