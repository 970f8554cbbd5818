// esbuild makes a chunk for every set of commands that share something: dozens of files of a kilobyte, and finding a file takes Node longer than
// compiling it. What every reading command needs becomes one file of functions, each run when it is first required.
import { basename, dirname, join, relative } from 'node:path';

/** `tslab stats FILE` loads these and what they import; other commands load little of their own besides. */
const START = ['src/cli.ts', 'src/lib/command.ts', 'src/commands/stats.ts', 'src/lib/source/file.ts'];
const JOINED = 'start.js';

/**
 * @param {string} root the package's directory
 * @param {Record<string, string>} chunks path to CommonJS code
 * @param {import('esbuild').Metafile['outputs']} outputs what esbuild says of the chunks, by path relative to the root
 * @returns {Record<string, string>} the files to write; dist/cli.js and the commands keep theirs, which are required by name
 */
export function joinStart(root, chunks, outputs) {
  const dist = join(root, 'dist');
  const joined = [...reachable(outputs)]
    .map((path) => join(root, path))
    .filter((path) => dirname(path) === dist && basename(path) !== 'cli.js');
  const names = new Set(joined.map((path) => basename(path)));
  const rewired = (/** @type {string} */ path, /** @type {string} */ load) =>
    (chunks[path] ?? '').replace(/require\("(?:\.{1,2}\/)+([\w-]+\.js)"\)/g, (call, name) =>
      names.has(name) ? `${load}("${name}")` : call,
    );
  const functions = joined.map((path) => `${JSON.stringify(basename(path))}(module,exports){${rewired(path, 'load')}}`);
  const start = `"use strict";const chunks={${functions.join(',\n')}};const loaded={};
function load(name){let module=loaded[name];if(!module){module=loaded[name]={exports:{}};chunks[name](module,module.exports)}return module.exports}
module.exports=load;\n`;
  const others = Object.keys(chunks).filter((path) => !joined.includes(path));
  return {
    [join(dist, JOINED)]: start,
    ...Object.fromEntries(
      others.map((path) => {
        const way = relative(dirname(path), join(dist, JOINED));
        return [path, rewired(path, `require("${way.startsWith('.') ? way : `./${way}`}")`)];
      }),
    ),
  };
}

/** @param {import('esbuild').Metafile['outputs']} outputs @returns {Set<string>} the chunks of START and all they import */
function reachable(outputs) {
  const entries = Object.entries(outputs).filter(([, { entryPoint }]) => entryPoint && START.includes(entryPoint));
  if (entries.length !== START.length) throw new Error(`no chunk of its own: one of ${START.join(', ')}`);
  const found = new Set(entries.map(([path]) => path));
  for (const path of found)
    for (const { path: imported, kind } of outputs[path]?.imports ?? [])
      if (kind === 'import-statement' && outputs[imported]) found.add(imported);
  return found;
}
