import { execFileSync } from 'node:child_process';
import { afterAll, expect, test } from 'vitest';
import { fixturePath } from '../fixtures.ts';
import { installed } from './installed.ts';

const socket = `tslab-test-${process.pid}`;
const tmux = (...args: string[]) => execFileSync('tmux', ['-L', socket, ...args], { encoding: 'utf8' });
afterAll(() => {
  tmux('kill-server');
});

test('on a terminal stats frames its tables and colours its titles; labels cannot steer it', async () => {
  tmux('-f', '/dev/null', 'new-session', '-d', '-x', '180', '-y', '100', 'sh');
  tmux(
    'send-keys',
    `clear; ${installed.bin} stats --all ${fixturePath('hostile-labels.json')}; echo "ended with $?"`,
    'Enter',
  );
  await expect.poll(() => tmux('capture-pane', '-p'), { timeout: 20_000 }).toContain('ended with 0');
  const plain = tmux('capture-pane', '-p');
  expect(plain).toMatch(/┌─+┬─+/);
  expect(plain).toMatch(/│ +128 B │/);
  expect(plain).toContain('\\x1b[2J\\x1b]0;owned');
  const widths = plain.split('\n').filter((line) => line.startsWith('│') && line.includes('CTIVE'));
  expect(new Set(widths.map((line) => line.length)).size).toBe(1);
  expect(tmux('capture-pane', '-p', '-e')).toContain('\x1b[1mMemory');
  expect(tmux('display-message', '-p', '#{pane_title}')).not.toContain('owned');
});
