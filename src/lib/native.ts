import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from './errors.ts';
import { packageRoot } from './package-root.ts';

/**
 * @param what it is, for the message
 * @param instead what can be done without it
 * @returns the path of a file that `make` builds from the package's native/
 * @throws InputError where it has not been built
 */
export function nativeBuild(file: string, what: string, instead = ''): string {
  const native = join(packageRoot(), 'native');
  const path = join(native, 'build', file);
  if (existsSync(path)) return path;
  throw new InputError('not-built', `${what} is not built`, `build it with 'make -C ${native}'${instead}`);
}
