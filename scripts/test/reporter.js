// A reporter of vitest for npm test: how many tests passed, and what each that did not had to say, as JSON in the file TSLAB_TEST_REPORT.
import { writeFileSync } from 'node:fs';

/** @typedef {import('./failures.js').Failure} Failure */
/** @typedef {{ passed: number, skipped: number, failures: Failure[] }} Report */

/** @typedef {import('vitest/node').Reporter} Reporter */
/** @implements {Reporter} */
export default class {
  /** @param {readonly import('vitest/node').TestModule[]} modules @param {readonly import('vitest').SerializedError[]} unhandled */
  onTestRunEnd(modules, unhandled) {
    /** @type {Report} */
    const report = { passed: 0, skipped: 0, failures: [] };
    for (const module of modules) {
      // Of a file that does not load, or of a hook around its tests.
      const elsewhere = [...module.children.allSuites()].flatMap((suite) => suite.errors()).concat(module.errors());
      if (elsewhere.length > 0) report.failures.push({ name: module.relativeModuleId, lines: linesOf(elsewhere) });
      for (const test of module.children.allTests()) {
        const { state, errors = [] } = test.result();
        if (state === 'passed') report.passed++;
        else if (state === 'failed')
          report.failures.push({ name: `${module.relativeModuleId} > ${test.fullName}`, lines: linesOf(errors) });
        else report.skipped++;
      }
    }
    if (unhandled.length > 0) report.failures.push({ name: 'an unhandled error', lines: linesOf(unhandled) });
    writeFileSync(process.env['TSLAB_TEST_REPORT'] ?? '', JSON.stringify(report));
  }
}

/** @param {readonly { message: string, diff?: string, stack?: string }[]} errors message, difference, and where in our own files */
function linesOf(errors) {
  return errors.flatMap(({ message, diff = '', stack = '' }) => {
    const frames = stack
      .split('\n')
      .filter((line) => /^ +at /.test(line) && !/node_modules|<anonymous>|node:/.test(line));
    return [...message.split('\n'), ...diff.split('\n'), ...frames];
  });
}
