// A command that just runs needs oclif's parser and little else; help, discovery, spinners and error boxes are for other occasions.
// Here each of those becomes a stand-in that loads the real one, bundled as well, when it is first touched.
import { join } from 'node:path';

/** Modules of oclif and packages it requires, each with whether it is compiled from an ES module (`__esModule`), which callers ask before the first use. */
const LAZY = new Map([
  ['config/index.js', true],
  ['errors/index.js', true],
  ['help/index.js', true],
  ['help/util.js', true],
  ['logger.js', true],
  ['parser/errors.js', true],
  ['parser/help.js', true],
  ['util/fs.js', true],
  ['ux/index.js', true],
  ['tinyglobby', false],
  ['semver', false],
  ['minimatch', true],
  ['cli-spinners', false],
  ['wrap-ansi', false],
  ['widest-line', false],
  ['string-width', false],
]);

/** What src/ may import from '@oclif/core': its index would load all of it. */
const INDEX = `
  export { Command } from '@oclif/core/command';
  export * as Args from '@oclif/core/args';
  export * as Flags from '@oclif/core/flags';`;

/** @type {import('esbuild').Plugin} */
export const slimOclif = {
  name: 'slim-oclif',
  setup(build) {
    const root = build.initialOptions.absWorkingDir ?? process.cwd();
    const lib = join(root, 'node_modules/@oclif/core/lib/');
    build.onResolve({ filter: /^@oclif\/core$/ }, ({ importer }) =>
      importer.startsWith(join(root, 'src')) ? { path: 'index', namespace: 'slim-oclif' } : undefined,
    );
    build.onLoad({ filter: /^index$/, namespace: 'slim-oclif' }, () => ({ contents: INDEX, resolveDir: root }));
    build.onResolve({ filter: /.*/ }, async ({ path, kind, importer, namespace, resolveDir, pluginData }) => {
      if (namespace === 'lazy' || kind !== 'require-call' || pluginData === 'real' || !importer.startsWith(lib))
        return undefined;
      const real = await build.resolve(path, { kind, importer, resolveDir, pluginData: 'real' });
      const name = real.path.startsWith(lib) ? real.path.slice(lib.length) : path;
      return LAZY.has(name) ? { path: real.path, namespace: 'lazy', pluginData: name } : undefined;
    });
    build.onLoad({ filter: /.*/, namespace: 'lazy' }, ({ path, pluginData }) => ({
      resolveDir: root,
      contents: `
        let real;
        const load = () => (real ??= require(${JSON.stringify(path)}));
        module.exports = new Proxy(function () {}, {
          get: (_, key) => (key === '__esModule' ? ${LAZY.get(pluginData)} : load()[key]),
          apply: (_, self, args) => Reflect.apply(load(), self, args),
        });`,
    }));
  },
};
