// Results as text, for terminal and page alike: a Markdown table.
/** @typedef {import('./cases.js').Result} Result */

const yesNo = (/** @type {boolean} */ value) => (value ? 'yes' : '**no**');

/** @param {string[]} head @param {string[][]} rows */
function markdown(head, rows) {
  const widths = head.map((cell, i) => Math.max(cell.length, ...rows.map((row) => (row[i] ?? '').length)));
  const line = (/** @type {string[]} */ cells) =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`;
  return [line(head), `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...rows.map(line)].join('\n');
}

/** @param {Result} result */
function others({ others: found, error }) {
  return error ?? (found.length > 0 ? found.join(', ') : '–');
}

/** @param {Result[]} results */
export function faultTable(results) {
  return markdown(
    ['fault', 'strength', 'amount', 'code', 'found', 'named', 'other alarms', 'as it should'],
    results.map((result) => [
      result.name,
      result.strength ?? '',
      result.amount ?? '',
      result.judged.map(({ row }) => row.code).join(' + '),
      result.judged.map(({ found }) => (found ? 'yes' : 'no')).join(' + '),
      result.judged
        .map(({ row, named }) =>
          named === undefined ? '–' : named ? (row.label ?? `class ${row.objectSize}`) : '**no**',
        )
        .join(' + '),
      others(result),
      result.slow ? `machine too busy: only ${result.slow}` : yesNo(result.ok),
    ]),
  );
}

/** @param {Result[]} results */
export function healthyTable(results) {
  return markdown(
    ['run', 'rightly said', 'alarms'],
    results.map((result) => [result.name, result.rightly?.join(', ') || '–', others(result)]),
  );
}

/** @param {Result[]} results */
export function summary(results) {
  const missed = results.filter(({ ok }) => !ok);
  const of = (/** @type {Result['kind']} */ kind) => {
    const all = results.filter((result) => result.kind === kind);
    return `${all.filter(({ ok }) => ok).length} of ${all.length}`;
  };
  return `faults ${of('fault')}, pairs ${of('pair')}, healthy runs ${of('healthy')} as they should be; ${missed.length} not`;
}
