import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fixturePath, fixtureText } from '../fixtures.ts';
import { MARKUP, startChromium } from './browser.ts';
import { serving, unique } from './serving.ts';
import { PATIENT } from './waiting.ts';

const { directory, serve, workload } = serving();
let browser: Browser;

beforeAll(async () => {
  browser = await startChromium();
});
afterAll(async () => browser?.close());

/** Opens a page, and collects what it asks for, and what it says or does that it should not. */
async function opened(url: string, options: BrowserContextOptions = {}) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const requests: string[] = [];
  const events: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  page.on('console', (message) => events.push(`console ${message.text()}`));
  page.on('pageerror', (error) => events.push(`error ${error.message}`));
  page.on('dialog', (dialog) => events.push(`dialog ${dialog.message()}`));
  await page.goto(url);
  return { page, requests, events, close: () => context.close() };
}

const live = (page: Page) => page.locator('#status.live').waitFor();
const fact = (page: Page, name: string) =>
  page.locator('#facts div', { has: page.locator(`dt:text-is("${name}")`) }).locator('dd');

test('a source that has ended is said to be old, and its last state stays', async () => {
  const { url, child } = await serve('-');
  child.stdin?.write(fixtureText('generation-7.json'));
  const { page, close } = await opened(url);
  await live(page);
  child.stdin?.end();
  await page.locator('#status.stale').waitFor();
  expect(await page.locator('#status').textContent()).toContain('not live');
  expect(await page.locator('#notes').textContent()).toBe('Cannot read: stdin has ended');
  expect(await fact(page, 'RSS').textContent()).toMatch(/\d/);
  await close();
});

test('a leaking process is drawn as it runs, and nothing comes from elsewhere', async () => {
  const name = unique('page');
  const { pid, child } = await workload('leak', name);
  const { url } = await serve('--name', name);
  const { page, requests, events, close } = await opened(url);
  await live(page);
  expect(await page.title()).toBe(`stats_dump · pid ${pid} · ${name} · temporal-slab`);
  await fact(page, 'allocations')
    .getByText(/\d.*\/s/)
    .waitFor();
  const rss = await fact(page, 'RSS').textContent();
  await expect.poll(() => fact(page, 'RSS').textContent(), PATIENT).not.toBe(rss);
  expect(await page.locator('.chart canvas').count()).toBe(2);
  expect(await page.locator('#epochs rect').count()).toBeGreaterThan(1);
  await expect
    .poll(() => page.locator('#epochs-legend li').allTextContents(), PATIENT)
    .toContain('background-worker-3');
  expect(await page.locator('#classes tbody tr').count()).toBe(8);
  // Something was painted, in the colour of the first series.
  const painted = `(() => { const c = document.querySelector('#memory canvas'); const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data; for (let i = 0; i < d.length; i += 4) if (d[i] === 0x1f && d[i+1] === 0x5f && d[i+2] === 0xbf) return true; return false; })()`;
  await expect.poll(() => page.evaluate(painted), PATIENT).toBe(true);
  expect([...new Set(requests.map((one) => new URL(one).origin))]).toEqual([url]);
  expect(events).toEqual([]);
  const closed = once(child, 'close');
  child.kill('SIGKILL');
  await closed;
  await page.getByText('This process has ended').or(page.getByText('No process uses temporal-slab')).first().waitFor();
  await close();
});

test('a server that goes is seen to be gone, and one that comes back is found', async () => {
  const name = unique('again');
  await workload('steady', name);
  const first = await serve('--name', name);
  const { page, close } = await opened(first.url);
  await live(page);
  await first.end();
  await page.locator('#status.stale').waitFor();
  expect(await page.locator('#status').textContent()).toMatch(/not live: last news \d+ s ago/);
  expect(await page.locator('main.was').count()).toBe(1);
  await serve('--name', name, '--web.listen-address', new URL(first.url).host);
  await live(page);
  expect(await page.locator('main.was').count()).toBe(0);
  await close();
});

/** Two seconds of a process that wishes its reader ill. */
function hostile(): string {
  const first = JSON.parse(fixtureText('hostile-labels.json')) as Record<string, unknown>;
  const epochs = first['epochs'] as Record<string, unknown>[];
  for (const [i, label] of MARKUP.entries())
    Object.assign(epochs[i] ?? {}, { label, refcount: 1, estimated_rss_bytes: 4096 });
  first['process'] = { command: '<script>alert(4)</script>', name: 'a"\u202eb', live: true };
  const path = join(directory, 'hostile.json');
  writeFileSync(path, JSON.stringify(first).replace(/"timestamp_ns":\d+/, '"timestamp_ns":1770486521361625487'));
  return path;
}

test('labels and names are inert text', async () => {
  const { url } = await serve(hostile());
  const { page, requests, events, close } = await opened(url);
  await live(page);
  expect(await page.locator('#epochs-legend li').allTextContents()).toEqual(
    expect.arrayContaining(['"><svg onload=alert(2)>', '</title></style><script>alert(3)</script>']),
  );
  expect(await page.title()).toContain('<script>alert(4)</script>');
  expect(await page.locator('#process option').first().textContent()).toContain('a"\\u{202e}b');
  expect(await page.locator('img, script:not([src="/page.js"]), [onload], [onerror]').count()).toBe(0);
  expect([...new Set(requests.map((one) => new URL(one).origin))]).toEqual([url]);
  expect(events).toEqual([]);
  await close();
});

test('even markup that got in could run nothing and fetch nothing', async () => {
  const elsewhere = createServer();
  let reached = 0;
  elsewhere.on('connection', () => reached++).listen(0, '127.0.0.1');
  await once(elsewhere, 'listening');
  const other = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}`;
  const { url } = await serve(fixturePath('generation-7.json'));
  const { page, events, close } = await opened(url);
  await live(page);
  await page.evaluate(`document.body.insertAdjacentHTML('beforeend', '<img src="${other}/x" onerror="document.title=1">');
    const s = document.createElement('script'); s.textContent = 'document.title = "owned"'; document.body.append(s);
    fetch('${other}/y').catch(() => {});`);
  await expect
    .poll(() => events.filter((event) => event.includes('Content Security Policy')).length, PATIENT)
    .toBeGreaterThan(3);
  expect(await page.title()).not.toMatch(/owned|^1$/);
  expect(reached).toBe(0);
  elsewhere.close();
  await close();
});

test('what doctor finds is shown, the most severe first', async () => {
  const { url } = await serve(fixturePath('generation-7.json'));
  const { page, close } = await opened(url);
  await page.locator('.findings li').first().waitFor();
  expect(await page.locator('#findings').textContent()).toContain('(source-stale)');
  const severities = await page.locator('.severity').allTextContents();
  expect(severities).toEqual(
    [...severities].sort((a, b) => ['error', 'warning', 'info'].indexOf(a) - ['error', 'warning', 'info'].indexOf(b)),
  );
  await close();
});

test('keys alone are enough', async () => {
  const [one, two] = [unique('key-one'), unique('key-two')];
  await workload('steady', one);
  const second = await workload('burst', two, '--rate', '1000');
  const { url } = await serve('--name', one, '--name', two);
  const { page, close } = await opened(url);
  await live(page);
  const focused = () => page.evaluate<string>('document.activeElement.id || document.activeElement.className');
  await page.keyboard.press('Tab');
  expect(await focused()).toBe('skip');
  await page.keyboard.press('Enter');
  expect(await focused()).toBe('memory');
  // As soon as there are points to go to.
  await expect
    .poll(async () => {
      await page.keyboard.press('ArrowLeft');
      return page.locator('#memory .u-legend .u-value').first().textContent();
    }, PATIENT)
    .toMatch(/\d:\d\d/);
  await page.keyboard.press('p');
  expect(await page.locator('#pause').getAttribute('aria-pressed')).toBe('true');
  await page.keyboard.press('p');
  await page.keyboard.press(']');
  await expect.poll(() => page.title(), PATIENT).toContain(two);
  expect(new URL(page.url()).hash).toBe(`#process=${second.pid}-1`);
  await page.keyboard.press('[');
  await expect.poll(() => page.title(), PATIENT).toContain(one);
  await close();
});

test.each(['light', 'dark'] as const)('the %s scheme is followed, with enough contrast', async (colorScheme) => {
  const { url } = await serve(fixturePath('generation-7.json'));
  const { page, close } = await opened(url, { colorScheme });
  await page.locator('.findings li').first().waitFor();
  const contrast = `(() => {
    const lum = (c) => { const [r, g, b] = c.match(/[\\d.]+/g).slice(0, 3).map((v) => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; }); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
    const back = (e) => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor; if (!/, 0\\)$|transparent/.test(c)) return c; } return 'rgb(255, 255, 255)'; };
    return ['body', '.hint', '.severity', 'thead th', 'dt', 'select', 'a:not(.skip)', '#status', 'footer p'].map((s) => { const e = document.querySelector(s); const [a, b] = [lum(getComputedStyle(e).color), lum(back(e))]; return [s, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)]; });
  })()`;
  const measured = await page.evaluate<[string, number][]>(contrast);
  expect(measured.filter(([, ratio]) => ratio < 4.5)).toEqual([]);
  const page_ = await page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
  expect(page_).toBe(colorScheme === 'light' ? 'rgb(251, 251, 250)' : 'rgb(20, 22, 26)');
  await close();
});

test('fits a screen of 360 pixels', async () => {
  const name = unique('small');
  await workload('leak', name);
  const { url } = await serve('--name', name);
  const { page, close } = await opened(url, { viewport: { width: 360, height: 740 } });
  await page.locator('#epoch-table tbody tr').first().waitFor();
  await page.waitForTimeout(1500);
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
  expect(
    await page.evaluate(
      `[...document.querySelectorAll('canvas')].every((c) => c.getBoundingClientRect().right <= 360)`,
    ),
  ).toBe(true);
  await close();
});
