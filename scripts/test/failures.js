// What is known of each failed test, for the end of npm test: CI keeps little more than the end of its output.
import { stripVTControlCharacters } from 'node:util';

/** @typedef {{ name: string, lines: string[] }} Failure a failed test, and what it said */

const MOST_LINES = 20;
const MOST_COLUMNS = 400;
const MOST_LISTED_COLUMNS = 160;
const MOST_FAILURES = 40;

/** @param {string[]} output of a suite that prints PASS and FAIL lines @returns {Failure[]} with what follows each FAIL line, up to the next test or empty line */
export function lineFailures(output) {
  return output.flatMap((line, at) => {
    if (!line.startsWith('FAIL ')) return [];
    const rest = output.slice(at + 1);
    const next = rest.findIndex((one) => /^(PASS|FAIL|SKIP) |^\d+ passed, |^$/.test(one));
    return [{ name: line.slice('FAIL '.length), lines: next < 0 ? rest : rest.slice(0, next) }];
  });
}

/** @param {string[]} output of a suite that is one test, or that failed without saying where @returns {Failure[]} */
export function endOf(output) {
  return [{ name: 'its last lines', lines: output.slice(-MOST_LINES) }];
}

/** @param {string} suite @param {Failure[]} failures @returns {string} a few lines for each, no longer than can be read */
export function describeFailures(suite, failures) {
  const shown = failures.slice(0, MOST_FAILURES).map(({ name, lines }) => {
    const said = lines.map(plain).filter((line) => line.trim() !== '');
    const more = said.length > MOST_LINES ? [`… ${said.length - MOST_LINES} more lines`] : [];
    return [
      `FAILED ${suite}: ${plain(name)}`,
      ...[...said.slice(0, MOST_LINES), ...more].map((line) => `    ${line}`),
    ].join('\n');
  });
  const more = failures.length - shown.length;
  return [...shown, ...(more > 0 ? [`FAILED ${suite}: ${more} more`] : [])].join('\n');
}

/** @param {string} suite @param {Failure[]} failures @returns {string[]} a line for each: its name and the first that it said */
export function listFailures(suite, failures) {
  return failures.map(({ name, lines }) => {
    const first = lines.map(plain).find((line) => line.trim() !== '') ?? '';
    const line = `${suite}: ${plain(name)}  ${first.trim()}`.trim();
    return line.length > MOST_LISTED_COLUMNS ? `${line.slice(0, MOST_LISTED_COLUMNS)}…` : line;
  });
}

/** @param {string} text */
function plain(text) {
  const bare = stripVTControlCharacters(text.slice(0, 2 * MOST_COLUMNS));
  return bare.length > MOST_COLUMNS ? `${bare.slice(0, MOST_COLUMNS)}…` : bare;
}
