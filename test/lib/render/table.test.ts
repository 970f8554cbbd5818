import { Chalk } from 'chalk';
import { describe, expect, test } from 'vitest';
import { renderTable } from '../../../src/lib/render/table.ts';
import { widthOf } from '../../../src/lib/render/width.ts';
import { plainStyle } from '../../../src/lib/style.ts';

const table = {
  columns: [{ title: 'oldest open' }, { title: 'RSS', align: 'right' as const }],
  rows: [
    ['request-handler', '4 KiB'],
    ['main', '1.25 MiB'],
  ],
};
const lines = ['oldest_open           RSS', 'request-handler     4 KiB', 'main             1.25 MiB'];

describe('a table', () => {
  test('without a frame is lines for grep and awk', async () => {
    expect((await renderTable(table, false, plainStyle)).split('\n')).toEqual(lines);
  });

  test('has a frame where that fits', async () => {
    const framed = await renderTable(table, true, plainStyle);
    const width = framed.indexOf('\n');
    expect(framed).toMatch(/^┌─+┬─+┐\n│ oldest open +│ +RSS │\n/);
    expect(await renderTable(table, width, plainStyle)).toBe(framed);
    expect((await renderTable(table, width - 1, plainStyle)).split('\n')).toEqual(lines);
  });

  test('lines are aligned by the cells that wide characters take', async () => {
    const wide = { ...table, rows: [['请求处理', '4 KiB'], ...table.rows.slice(1)] };
    const text = await renderTable(wide, false, plainStyle);
    expect(text.split('\n').map(widthOf)).toEqual([21, 21, 21]);
  });

  test('lines are aligned by what is seen of them', async () => {
    const { red } = new Chalk({ level: 1 });
    const [first = [], second = []] = table.rows;
    const coloured = { ...table, rows: [first.map((cell) => red(cell)), second] };
    const text = await renderTable(coloured, false, plainStyle);
    expect(text.replace(/\x1b\[[\d;]*m/g, '').split('\n')).toEqual(lines);
  });
});
