// esbuild makes a chunk for every set of commands that share something: dozens of files of a kilobyte, and finding a file takes Node longer than
// compiling it. The small ones become functions in one file, each run when it is first required.
import { basename, dirname, join, relative } from 'node:path';

const SMALL_BYTES = 24 * 1024;
const JOINED = 'shared.js';

/**
 * @param {string} dist where the chunks go; those directly in it are joined, except cli.js, which is required from outside
 * @param {Record<string, string>} chunks path to CommonJS code @returns {Record<string, string>}
 */
export function joinSmall(dist, chunks) {
  const small = Object.keys(chunks).filter(
    (path) => dirname(path) === dist && basename(path) !== 'cli.js' && (chunks[path] ?? '').length < SMALL_BYTES,
  );
  const names = new Set(small.map((path) => basename(path)));
  const rewired = (/** @type {string} */ path, /** @type {string} */ load) =>
    (chunks[path] ?? '').replace(/require\("(?:\.{1,2}\/)+([\w-]+\.js)"\)/g, (call, name) =>
      names.has(name) ? `${load}("${name}")` : call,
    );
  const functions = small.map((path) => `${JSON.stringify(basename(path))}(module,exports){${rewired(path, 'load')}}`);
  const shared = `"use strict";const chunks={${functions.join(',\n')}};const loaded={};
function load(name){let module=loaded[name];if(!module){module=loaded[name]={exports:{}};chunks[name](module,module.exports)}return module.exports}
module.exports=load;\n`;
  const others = Object.keys(chunks).filter((path) => !small.includes(path));
  return {
    [join(dist, JOINED)]: shared,
    ...Object.fromEntries(
      others.map((path) => {
        const way = relative(dirname(path), join(dist, JOINED));
        return [path, rewired(path, `require("${way.startsWith('.') ? way : `./${way}`}")`)];
      }),
    ),
  };
}
