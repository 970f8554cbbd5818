import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseExact } from '../src/lib/snapshot/exact-json.ts';
import type { Snapshot } from '../src/lib/snapshot/model.ts';
import { asSnapshot } from '../src/lib/snapshot/parse.ts';

/** @returns the absolute path of a file of test/fixtures */
export function fixturePath(name: string): string {
  return fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));
}

export function fixtureText(name: string): string {
  return readFileSync(fixturePath(name), 'utf8');
}

/** @returns the one snapshot of a fixture */
export function fixtureSnapshot(name: string): Snapshot {
  return asSnapshot(parseExact(fixtureText(name)));
}
