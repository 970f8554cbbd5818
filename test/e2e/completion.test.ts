import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import { installed, tslab } from './installed.ts';
import { TestTerminal } from './tmux.ts';

/** What is typed before a Tab, and what stands on the line after it. */
const TYPED: [string, string][] = [
  ['tslab va', 'tslab validate'],
  ['tslab schema snap', 'tslab schema snapshot'],
  ['tslab stats --fie', 'tslab stats --fields'],
  ['tslab top --order d', 'tslab top --order desc'],
  ['tslab top --by slow_path_ep', 'tslab top --by slow_path_epoch_closed'],
  ['tslab top --epochs --by refc', 'tslab top --epochs --by refcount'],
  ['tslab stats package-l', 'tslab stats package-lock.json'],
];

const SHELLS = {
  bash: ['bash --norc --noprofile -i', 'eval "$(tslab completion bash)"'],
  zsh: ['zsh -f -i', 'autoload -U compinit; compinit -u -D; source <(tslab completion zsh)'],
  fish: ['fish --no-config -i', 'tslab completion fish | source'],
} as const;

test.each(Object.entries(SHELLS))('%s loads it and completes', async (_, [start, load]) => {
  const terminal = new TestTerminal(200, 50);
  try {
    terminal.run(`PATH=${dirname(installed.bin)}:$PATH exec ${start}`);
    terminal.run(`${load}; echo loa""ded`);
    await terminal.see(/^loaded$/m);
    for (const [typed, completed] of TYPED) {
      terminal.press('C-l');
      terminal.type(typed);
      await terminal.see((screen) => screen.includes(typed));
      terminal.press('Tab');
      await terminal.see((screen) => screen.includes(completed));
      terminal.press('C-u');
    }
  } finally {
    terminal.close();
  }
});

test('another shell is wrong usage', () => {
  const { code, stderr } = tslab(['completion', 'csh']);
  expect(code).toBe(2);
  expect(stderr).toContain('bash, zsh, fish');
});
