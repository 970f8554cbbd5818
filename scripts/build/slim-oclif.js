// A command that just runs needs oclif's parser and little else. Help, discovery, error boxes and the rest stand in a file of their own, dist/oclif.js;
// in the other chunks each of those modules is a stand-in that loads the real one when it is first touched.
import { join } from 'node:path';

/** Modules of oclif that only a run with help, a wrong argument or an unknown command touches. */
const LAZY = [
  'config/index.js',
  'errors/index.js',
  'help/index.js',
  'help/util.js',
  'logger.js',
  'main.js',
  'parser/errors.js',
  'parser/help.js',
  'settings.js',
  'util/fs.js',
  'ux/index.js',
];
/** Modules of Node that oclif's parser uses only to read an argument from stdin, or never. */
const LAZY_BUILTINS = ['node:os', 'node:readline'];

/** oclif's logger where nobody set DEBUG: every command makes one, hardly any uses it. */
const SILENT = '{ makeDebug: () => () => {} }';

/** What src/ may import from '@oclif/core': its index would load all of it. */
const INDEX = `
  export { Command } from '@oclif/core/command';
  export * as Args from '@oclif/core/args';
  export * as Flags from '@oclif/core/flags';`;

/** The source of dist/oclif.js. dist/package.json gives it the name #oclif. */
export const OCLIF = `module.exports = {\n${LAZY.map((name) => `  ${JSON.stringify(name)}: () => require('./node_modules/@oclif/core/lib/${name}'),\n`).join('')}};\n`;

/** @type {import('esbuild').Plugin} */
export const slimOclif = {
  name: 'slim-oclif',
  setup(build) {
    const root = build.initialOptions.absWorkingDir ?? process.cwd();
    const lib = join(root, 'node_modules/@oclif/core/lib/');
    build.onResolve({ filter: /^#oclif$/ }, ({ path }) => ({ path, external: true }));
    build.onResolve({ filter: /.*/ }, async ({ path, kind, importer, resolveDir, pluginData }) => {
      const fromSource = importer.startsWith(join(root, 'src/'));
      if (pluginData === 'real' || !(fromSource || importer.startsWith(lib))) return undefined;
      if (fromSource && path === '@oclif/core') return { path: 'index', namespace: 'slim-oclif' };
      if (!fromSource && LAZY_BUILTINS.includes(path)) return { path, namespace: 'lazy-builtin' };
      const real = await build.resolve(path, { kind, importer, resolveDir, pluginData: 'real' });
      const name = real.path.startsWith(lib) ? real.path.slice(lib.length) : '';
      if (!LAZY.includes(name)) return undefined;
      return { path: name, namespace: fromSource ? 'oclif' : 'lazy-oclif' };
    });
    build.onLoad({ filter: /.*/, namespace: 'slim-oclif' }, () => ({ contents: INDEX, resolveDir: root }));
    build.onLoad({ filter: /.*/, namespace: 'oclif' }, ({ path }) => ({
      contents: `module.exports = require('#oclif')[${JSON.stringify(path)}]();`,
    }));
    build.onLoad({ filter: /.*/, namespace: 'lazy-oclif' }, ({ path }) => {
      const real = `require('#oclif')[${JSON.stringify(path)}]()`;
      return { contents: standIn(path === 'logger.js' ? `(process.env.DEBUG ? ${real} : ${SILENT})` : real, true) };
    });
    build.onLoad({ filter: /.*/, namespace: 'lazy-builtin' }, ({ path }) => ({
      contents: standIn(`require(${JSON.stringify(path)})`, false),
    }));
  },
};

/** @param {string} load an expression @param {boolean} esModule what callers ask before the first use */
function standIn(load, esModule) {
  return `
    let real;
    module.exports = new Proxy({}, {
      get: (_, key) => (key === '__esModule' ? ${esModule} : (real ??= ${load})[key]),
    });`;
}
