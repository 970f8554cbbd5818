#!/usr/bin/env node
const { enableCompileCache } = require('node:module');
const { statSync } = require('node:fs');

// Node 22 and later keep compiled code. Only in a home of our own: whoever can write there decides what we run.
const home = process.env.XDG_CACHE_HOME || (process.env.HOME && `${process.env.HOME}/.cache`);
if (enableCompileCache && home && statSync(home, { throwIfNoEntry: false })?.uid === process.getuid?.())
  enableCompileCache(`${home}/tslab`);

require('../dist/cli.js').main(process.argv.slice(2));
