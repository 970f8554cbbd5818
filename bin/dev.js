#!/usr/bin/env node
// Rebuilds (about a second), then runs: what you see is always the current source.
import { build } from '../scripts/build.js';

await build();
const { main } = await import('../dist/cli.js');
await main(process.argv.slice(2));
