import { type Browser, chromium } from 'playwright-core';

const QUIET = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Debian's Chromium, which asks nobody for anything by itself. */
export function startChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', ...QUIET], timeout: 100_000 });
}

/** Texts that a hostile program may set as labels, and that a page must show as they are. */
export const MARKUP = [
  '<img src=http://127.0.0.1:1/x onerror=alert(1)>',
  '"><svg onload=alert(2)>',
  '</title></style><script>alert(3)</script>',
];
