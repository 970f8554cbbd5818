// oclif loads these packages at start although a command that just runs needs none of them: they serve discovery without a manifest,
// spinners, wrapped error boxes. Here each becomes a stand-in that loads the real one, bundled as well, when it is first touched.
/** Package name to whether it is compiled from an ES module (`__esModule`), which callers ask before the first use. */
const PACKAGES = new Map([
  ['tinyglobby', false],
  ['semver', false],
  ['minimatch', true],
  ['cli-spinners', false],
  ['wrap-ansi', false],
  ['widest-line', false],
  ['string-width', false],
]);

/** @type {import('esbuild').Plugin} */
export const lazyPackages = {
  name: 'lazy-packages',
  setup(build) {
    build.onResolve({ filter: /^[a-z-]+$/ }, async ({ path, kind, importer, resolveDir, pluginData }) => {
      if (!PACKAGES.has(path) || kind !== 'require-call' || pluginData === 'real' || !importer.includes('@oclif/core'))
        return undefined;
      const real = await build.resolve(path, { kind, importer, resolveDir, pluginData: 'real' });
      return { path: real.path, namespace: 'lazy', pluginData: path };
    });
    build.onLoad({ filter: /.*/, namespace: 'lazy' }, ({ path, pluginData }) => ({
      resolveDir: process.cwd(),
      contents: `
        let real;
        const load = () => (real ??= require(${JSON.stringify(path)}));
        module.exports = new Proxy(function () {}, {
          get: (_, key) => (key === '__esModule' ? ${PACKAGES.get(pluginData)} : load()[key]),
          apply: (_, self, args) => Reflect.apply(load(), self, args),
        });`,
    }));
  },
};
