import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** @returns the directory that holds package.json and schemas/, whether this runs from src/ or bundled from dist/ */
export function packageRoot(): string {
  let directory = import.meta.dirname;
  while (!existsSync(join(directory, 'schemas'))) {
    const parent = dirname(directory);
    if (parent === directory) throw new Error('tslab stands in no package');
    directory = parent;
  }
  return directory;
}
