import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../package-root.ts';
import type { App } from './context.ts';

/** The page's files, made by the build from src/page/. */
const FILES: Readonly<Record<string, { name: string; type: string }>> = {
  '/': { name: 'index.html', type: 'text/html; charset=utf-8' },
  '/page.js': { name: 'page.js', type: 'text/javascript; charset=utf-8' },
  '/page.css': { name: 'page.css', type: 'text/css; charset=utf-8' },
  '/icon.svg': { name: 'icon.svg', type: 'image/svg+xml' },
};

/** Everything a browser loads comes from here: the page works without any network but this one. */
export function servePage(app: App): void {
  const kept = new Map<string, string>();
  for (const [path, { name, type }] of Object.entries(FILES)) {
    app.get(path, (c) => {
      const text = kept.get(name) ?? readFileSync(join(packageRoot(), 'dist/page', name), 'utf8');
      kept.set(name, text);
      return c.body(text, 200, { 'content-type': type });
    });
  }
}
