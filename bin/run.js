#!/usr/bin/env node
const { enableCompileCache } = require('node:module');
const { mkdirSync, statSync } = require('node:fs');

// Node 22 and later keep compiled code. Only in a home of our own: whoever can write there decides what we run.
const home = process.env.XDG_CACHE_HOME || (process.env.HOME && `${process.env.HOME}/.cache`);
if (
  enableCompileCache &&
  home &&
  statSync(home, { throwIfNoEntry: false })?.uid === process.getuid?.() &&
  folder(`${home}/tslab`)
)
  enableCompileCache(`${home}/tslab`);

/** Made here, one level: Node's own attempt never ends where a folder refuses new ones, as /proc does. */
function folder(path) {
  try {
    mkdirSync(path);
    return true;
  } catch (error) {
    return error.code === 'EEXIST';
  }
}

require('../dist/cli.js').main(process.argv.slice(2));
