import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fixturePath, fixtureText } from '../fixtures.ts';
import { MARKUP, startChromium } from './browser.ts';
import { expectGolden, installed, tslab } from './installed.ts';

const scratch = mkdtempSync(join(tmpdir(), 'tslab-report-'));
let made = 0;
let browser: Browser;

beforeAll(async () => {
  browser = await startChromium();
});
afterAll(async () => {
  await browser?.close();
  rmSync(scratch, { recursive: true, force: true });
});

/** @returns the path of the page that tslab makes of a source */
function report(...args: string[]): string {
  const path = join(scratch, `${made++}.html`);
  const { code, stderr } = tslab(['report', ...args, '--output', path]);
  expect([code, stderr.replace(/^tslab: warning: .*\n/gm, '')]).toEqual([0, '']);
  return path;
}

/** Opens a page, and collects whatever it asks for, says or does that it should not. */
async function opened(path: string, options: BrowserContextOptions = {}) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const events: string[] = [];
  page.on('request', (request) => events.push(`request ${request.url()}`));
  page.on('console', (message) => events.push(`console ${message.text()}`));
  page.on('pageerror', (error) => events.push(`error ${error.message}`));
  page.on('dialog', (dialog) => events.push(`dialog ${dialog.message()}`));
  await page.goto(pathToFileURL(path).href);
  return { page, events, close: () => context.close() };
}

/** Two seconds of the fixture's process, with its labels. */
function hostileRecording(): string {
  const first = JSON.parse(fixtureText('hostile-labels.json')) as Record<string, unknown>;
  const epochs = first['epochs'] as { label: string }[];
  for (const [i, label] of MARKUP.entries()) Object.assign(epochs[i] ?? {}, { label });
  const text = JSON.stringify(first).replace(/"timestamp_ns":\d+/, '"timestamp_ns":1770486521361625487');
  const path = join(scratch, '<b onclick=alert(4)>.ndjson');
  writeFileSync(path, `${text}\n${text.replace('1770486521361625487', '1770486523361625487')}\n`);
  return path;
}

const workload = (name: string) =>
  report('--exec', `native/build/stats_dump ${name} --duration 1s --interval 50ms --no-text`, '--title', name);

describe('in Chromium', () => {
  test.each([
    'leak',
    'mixed',
    'kernel',
  ])('a page of the workload %s shows its charts and asks for nothing', async (name) => {
    const path = workload(name);
    const { page, events, close } = await opened(path, { viewport: { width: 1200, height: 900 } });
    expect(events).toEqual([`request ${pathToFileURL(path).href}`]);
    expect(await page.title()).toBe(`${name} · temporal-slab report`);
    expect(await page.locator('section').count()).toBe(7);
    expect(await page.locator('#memory svg.wide').isVisible()).toBe(true);
    expect(await page.locator('#epochs svg.wide .bar').count()).toBeGreaterThan(1);
    const rss = await page.locator('#memory svg.wide .line').last().getAttribute('d');
    expect(rss?.match(/[ML]/g)?.length).toBeGreaterThan(8);
    await close();
  });

  test('labels and names are inert text', async () => {
    const { page, events, close } = await opened(report(hostileRecording()));
    expect(events.filter((event) => !event.startsWith('request file:'))).toEqual([]);
    expect(events.length).toBe(1);
    expect(await page.locator('img, script, [onload], [onerror], [onclick]').count()).toBe(0);
    expect(await page.locator('#labels tbody th').allTextContents()).toEqual(
      expect.arrayContaining(['"><svg onload=alert(2)>', '</title></style><script>alert(3)</script>']),
    );
    expect(await page.locator('h1').textContent()).toContain('<b onclick=alert(4)>');
    await close();
  });

  test('even markup that got in could run nothing and fetch nothing', async () => {
    const path = report(fixturePath('stream.ndjson'));
    const tampered = join(scratch, 'tampered.html');
    writeFileSync(
      tampered,
      readFileSync(path, 'utf8').replace(
        '<main>',
        '<main><script>document.title="owned"</script><img src="http://127.0.0.1:1/x"><style>main{display:none}</style>',
      ),
    );
    const { page, close } = await opened(tampered);
    expect(await page.title()).not.toBe('owned');
    expect(await page.evaluate("getComputedStyle(document.querySelector('main')).display")).toBe('block');
    await close();
  });

  test.each(['light', 'dark'] as const)('the %s scheme is followed, with enough contrast', async (colorScheme) => {
    const { page, close } = await opened(report(hostileRecording()), { colorScheme });
    const style = (selector: string, property: string) =>
      page.evaluate<string>(`getComputedStyle(document.querySelector('${selector}')).${property}`);
    const [ink, soft, card] = [
      await style('section', 'color'),
      await style('.soft', 'color'),
      await style('section', 'backgroundColor'),
    ];
    expect(luminance(card) < 0.5).toBe(colorScheme === 'dark');
    expect(contrast(ink, card)).toBeGreaterThan(7);
    expect(contrast(soft, card)).toBeGreaterThan(4.5);
    for (const series of [0, 1, 2, 3, 4, 5, 6, 7]) {
      await page.evaluate(`document.querySelector('.line').setAttribute('class', 'line s${series}')`);
      expect(contrast(await style('.line', 'stroke'), card)).toBeGreaterThan(3);
    }
    await close();
  });

  test('on a small screen nothing but tables is wider than the screen, and the text of charts keeps its size', async () => {
    const { page, close } = await opened(workload('leak'), { viewport: { width: 360, height: 700 } });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
    expect(await page.locator('#memory svg.wide').isVisible()).toBe(false);
    const tick = await page.locator('#memory svg.narrow .tick').first().boundingBox();
    expect(tick?.height).toBeGreaterThan(9);
    await close();
  });

  test('the keyboard reaches the skip link, every section and every table', async () => {
    const { page, close } = await opened(report(fixturePath('stream.ndjson')));
    const reached: string[] = [];
    for (let i = 0; i < 40; i++) {
      await page.keyboard.press('Tab');
      reached.push(
        await page.evaluate<string>(
          "document.activeElement.getAttribute('href') ?? document.activeElement.getAttribute('aria-label')",
        ),
      );
    }
    expect(reached.slice(0, 8)).toEqual([
      '#memory',
      '#findings',
      '#memory',
      '#slow-path',
      '#epochs',
      '#labels',
      '#contention',
      '#kernel',
    ]);
    expect(reached).toEqual(expect.arrayContaining(['Bytes', 'During the recording', 'Labels in the last snapshot']));
    expect(await page.locator('svg[role=img]:not([aria-label])').count()).toBe(0);
    await close();
  });
});

test('a long recording is condensed, says so, and its page has a bounded size', () => {
  const path = join(scratch, 'long.ndjson');
  const line = fixtureText('stream.ndjson').split('\n')[0] ?? '';
  const start = 1770486521361625487n;
  const lines = Array.from({ length: 5000 }, (_, i) =>
    line.replace(String(start), String(start + BigInt(i) * 1_000_000_000n)),
  );
  lines[2001] = lines[2001]?.replace('"rss_bytes_current":9437184', '"rss_bytes_current":987654321') ?? '';
  writeFileSync(path, `${lines.join('\n')}\n`);
  const page = report(path);
  const text = readFileSync(page, 'utf8');
  expect(statSync(page).size).toBeLessThan(1_000_000);
  for (const said of ['one point stands for 16 snapshots', '987,654,321', 'process RSS: 942 MiB'])
    expect([said, text.includes(said)]).toEqual([said, true]);
});

test('a recording that was cut off is shown up to there, and the page and the exit code say so', () => {
  const path = join(scratch, 'cut.html');
  const { code, stderr } = tslab(['report', fixturePath('stream-second-truncated.ndjson'), '-o', path]);
  expect([code, stderr]).toEqual([0, expect.stringContaining('Not everything could be read')]);
  const cut = tslab(['report', '--exec', `cat ${fixturePath('stream.ndjson')}; exit 7`, '-o', path]);
  expect([cut.code, cut.stderr]).toEqual([4, expect.stringContaining('exit code 7')]);
  expect(readFileSync(path, 'utf8')).toContain('The recording ends early');
});

test.each([
  [['report', fixturePath('stream.ndjson')], 2],
  [['report', fixturePath('stream.ndjson'), '-o', ''], 2],
  [['report', '/does/not/exist', '-o', '/tmp/never'], 4],
  [['report', fixturePath('empty.json'), '-o', '/tmp/never'], 4],
  [['report', fixturePath('wrong-type.json'), '-o', '/tmp/never'], 4],
  [['report', fixturePath('stream.ndjson'), '-o', '/dev/null'], 4],
])('%j ends with %i', (args, expected) => {
  expect(tslab(args).code).toBe(expected);
});

test('a full disk leaves the old page', () => {
  const disk = join(scratch, 'tiny');
  mkdirSync(disk);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', disk]);
  try {
    writeFileSync(join(disk, 'old.html'), 'old');
    const { code, stderr } = tslab(['report', fixturePath('stream.ndjson'), '-o', join(disk, 'old.html')]);
    expect([code, stderr]).toEqual([4, 'tslab: cannot write the output: no space left\n']);
    expect(readFileSync(join(disk, 'old.html'), 'utf8')).toBe('old');
  } finally {
    execFileSync('umount', [disk]);
  }
});

test('a reader of stdout that goes away ends it quietly', () => {
  const { stdout, stderr } = spawnSync(
    'bash',
    ['-c', `${installed.bin} report ${fixturePath('stream.ndjson')} -o - | head -c 1; echo " \${PIPESTATUS[0]}"`],
    { encoding: 'utf8' },
  );
  expect([stdout, stderr]).toEqual([expect.stringMatching(/^< (0|141)\n$/), '']);
});

test('the page of a fixture', () => {
  const { stdout } = tslab(['report', '-', '-o', '-', '--title', 'stream.ndjson'], {
    input: fixtureText('stream.ndjson'),
  });
  expectGolden('report-stream.golden.html', stdout);
});

test('--help', () => expectGolden('report-help.golden.txt', tslab(['report', '--help']).stdout));

/** WCAG 2.1, relative luminance and contrast ratio. @param color as computed styles have it: rgb(r, g, b) */
function luminance(color = ''): number {
  const [r = 0, g = 0, b = 0] = (color.match(/\d+/g) ?? []).map((part) => {
    const value = Number(part) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string | undefined, b: string | undefined): number {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}
