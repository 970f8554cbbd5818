import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { query, until } from './query.ts';

// npm run demo:monitoring as people run it, but for its set-up, which npm test has done already.

async function started(): Promise<{ demo: ChildProcess; output: () => string; below: () => number[] }> {
  const demo = spawn(process.execPath, ['scripts/demo-monitoring.js'], { stdio: ['ignore', 'pipe', 'pipe'] });
  // Also where the test fails.
  onTestFinished(() => void demo.kill('SIGTERM'));
  let output = '';
  demo.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  demo.stderr?.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  await until(
    90,
    async () => output.includes('Ctrl-C'),
    () => output,
  );
  return { demo, output: () => output, below: () => childrenOf(demo.pid ?? 0) };
}

/** Process ids of the children, as the kernel says them. */
function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        return (
          readFileSync(`/proc/${name}/stat`, 'utf8')
            .replace(/^.*\) /, '')
            .split(' ')[1] === String(parent)
        );
      } catch {
        return false;
      }
    })
    .map(Number);
}

const running = (pid: number) => {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};

test('what it prints works, and Ctrl-C leaves nothing behind', async () => {
  const { demo, output, below } = await started();
  const url = (name: string) =>
    new RegExp(`^${name}\\s+(http://(127\\.0\\.0\\.1:\\d+)/\\S*)`, 'm').exec(output()) ?? [];
  for (const name of ['live page', 'metrics', 'Prometheus', 'alerts', 'Alertmanager'])
    expect([name, (await fetch(url(name)[1] ?? '')).status]).toEqual([name, 200]);
  const found = await until(60, async () => {
    const result = await query(
      url('Prometheus')[2] ?? '',
      'temporal_slab_epoch_refcount{label="background-worker-3"} > 0',
    );
    return result.length > 0 && result;
  });
  expect(found[0]?.metric['command']).toBe('stats_dump');
  const pids = below();
  expect(pids.length).toBe(5);
  demo.kill('SIGINT');
  const code = await new Promise((resolve) => demo.once('exit', resolve));
  expect([code, output()]).toEqual([0, expect.stringContaining('all stopped')]);
  expect(pids.filter(running)).toEqual([]);
});

test('killed without a chance to clean up, it leaves no process behind either', async () => {
  const { demo, below } = await started();
  const pids = below();
  expect(pids.length).toBe(5);
  demo.kill('SIGKILL');
  await until(30, async () => pids.filter(running).length === 0);
});
