// npm run screenshots: the live page of a service with two faults in Debian's Chromium, after a minute: docs/images/live-page-*.png.
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { relative } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { chromium } from 'playwright-core';
import { Processes } from '../monitoring/processes.js';
import { startServe } from '../monitoring/servers.js';
import { reportAndExit, root, setup } from '../setup.js';

const SERVICE = 'native/build/fault_service --fault refcount-active=2@650 --fault sparse-survivors=16@650'.split(' ');
const DRAWN_MS = 60_000;
const VIEWS = /** @type {const} */ ([
  { name: 'light', width: 1280, colorScheme: 'light' },
  { name: 'dark', width: 1280, colorScheme: 'dark' },
  { name: 'narrow', width: 360, colorScheme: 'light' },
]);

process.chdir(root);
try {
  setup('test');
  execFileSync('make', ['-s', '-C', 'native', 'faults']);
} catch (error) {
  reportAndExit(error);
}

const processes = new Processes();
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
try {
  const { pid } = await processes.start('service', SERVICE);
  const target = await startServe(processes, { selection: ['--pid', String(pid)] });
  const pages = await Promise.all(
    VIEWS.map(async ({ name, width, colorScheme }) => {
      const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme });
      await page.goto(`http://${target}/`);
      return { name, page };
    }),
  );
  await wait(DRAWN_MS);
  mkdirSync('docs/images', { recursive: true });
  for (const { name, page } of pages) {
    const path = `docs/images/live-page-${name}.png`;
    await page.screenshot({ path, fullPage: true });
    console.log(relative('.', path));
  }
} finally {
  await browser.close();
  await processes.stop();
}
