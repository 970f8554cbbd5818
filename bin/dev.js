#!/usr/bin/env node
// Rebuilds (about a second), then runs: what you see is always the current source.
import('../scripts/build.js')
  .then(({ build }) => build())
  .then(() => require('../dist/cli.js').main(process.argv.slice(2)));
