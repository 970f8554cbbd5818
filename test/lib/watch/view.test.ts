import { Chalk } from 'chalk';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Timeline } from '../../../src/lib/analysis/timeline.ts';
import { forTerminal } from '../../../src/lib/render/safe-text.ts';
import { sparkline } from '../../../src/lib/render/sparkline.ts';
import { watchFrame } from '../../../src/lib/render/watch-view.ts';
import { cutToWidth, inCells, widthOf } from '../../../src/lib/render/width.ts';
import { History } from '../../../src/lib/watch/history.ts';
import { INITIAL, pressed } from '../../../src/lib/watch/state.ts';
import { fixtureSnapshot } from '../../fixtures.ts';
import { hostileText } from '../../hostile-text.ts';
import { snapshotAt } from '../analysis/snapshots.ts';

const COLOURS = /\u001b\[[\d;]*m/g;

describe('the frame', () => {
  const readings = (() => {
    const timeline = new Timeline();
    const snapshot = fixtureSnapshot('hostile-labels.json');
    return [0, 1, 2].map((s) =>
      timeline.next({ ...snapshot, timestamp_ns: BigInt(snapshot.timestamp_ns ?? 0) + BigInt(s) * 1_000_000_000n }),
    );
  })();
  const any = fc.record({
    table: fc.constantFrom('class' as const, 'epoch' as const, 'label' as const),
    columns: fc.integer({ min: 1, max: 250 }),
    rows: fc.integer({ min: 1, max: 80 }),
    shown: fc.integer({ min: 0, max: 3 }),
    help: fc.boolean(),
    typing: fc.boolean(),
    totals: fc.boolean(),
    filter: fc.oneof(fc.constant(''), fc.string({ unit: 'grapheme' })),
    scroll: fc.nat(100),
    notice: hostileText(),
  });

  test('has as many lines as the screen, none wider, nothing that steers a terminal but colours', () => {
    fc.assert(
      fc.property(any, ({ shown, notice, ...chosen }) => {
        const { lines } = watchFrame(
          {
            ...chosen,
            sort: INITIAL.sort[chosen.table],
            order: 'desc',
            readings: readings.slice(0, shown),
            later: undefined,
            kept: shown,
            source: 'test',
            pace: 'every 1s',
            notices: [notice],
            status: 'live',
            events: [],
          },
          new Chalk({ level: 1 }),
        );
        expect(lines).toHaveLength(chosen.rows);
        for (const line of lines) {
          const text = line.replace(COLOURS, '');
          expect(widthOf(text)).toBeLessThanOrEqual(chosen.columns);
          expect(text).not.toMatch(/[\p{Cc}\p{Cf}]/u);
        }
      }),
    );
  });
});

describe('width', () => {
  test('a cut text fits, and a text in cells fills them', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }).map(forTerminal), fc.integer({ min: 1, max: 40 }), (text, cells) => {
        expect(widthOf(cutToWidth(text, cells))).toBeLessThanOrEqual(cells);
        expect(widthOf(inCells(text, cells))).toBe(cells);
      }),
    );
  });

  test.each([
    ['東京リクエスト', 5, '東京…'],
    ['abc', 3, 'abc'],
    ['abcd', 3, 'ab…'],
    ['\u001b[31mabcd\u001b[39m', 3, '\u001b[31mab…\u001b[39m'],
  ])('%j in %d cells is %j', (text, cells, expected) => {
    expect(cutToWidth(text, cells)).toBe(expected);
  });
});

describe('sparkline', () => {
  test.each([
    [[0, 1, 2, 3, 4, 5, 6, 7], 8, 'zero', '▁▂▃▄▅▆▇█'],
    [[100, 101], 4, 'lowest', '  ▁█'],
    [[100, 101], 4, 'zero', '  ██'],
    [[0, 0], 2, 'zero', '▁▁'],
    [[5, 5], 2, 'zero', '▄▄'],
    [[1, undefined, 3], 3, 'zero', '▃·█'],
    [[1, 2, 3], 2, 'lowest', '▁█'],
    [[], 3, 'zero', '   '],
  ] as const)('%j in %d cells from %s', (values, cells, from, expected) => {
    expect(sparkline(values, cells, from)).toBe(expected);
  });

  test('takes 64-bit numbers', () => {
    expect(sparkline([2n ** 64n - 1n, 0], 2, 'zero')).toBe('█▁');
  });
});

describe('keys', () => {
  const context = { oldest: 10, latest: 20, rows: 8, visible: 5 };
  const stateAfter = (...keys: string[]) => keys.reduce((state, key) => pressed(state, key, context), INITIAL);

  test.each([
    [['left'], { cursor: 19 }],
    [['left', 'right'], { cursor: undefined }],
    [['pageup', 'pageup'], { cursor: 10 }],
    [['home', 'end'], { cursor: undefined }],
    [[' '], { cursor: 20 }],
    [[' ', ' '], { cursor: undefined }],
    [['down', 'down', 'down', 'down', 'down'], { scroll: 3 }],
    [['up'], { scroll: 0 }],
    [['tab'], { table: 'epoch' }],
    [['tab', 'tab', 'tab'], { table: 'class' }],
    [['/', 'q', 'x', 'backspace', 'return'], { filter: 'q', typing: false, quit: false }],
    [['/', 'q', 'escape'], { filter: '', typing: false }],
    [['?', 'x'], { help: false }],
    [['?', 'q'], { quit: true }],
    [['q'], { quit: true }],
    [['+'], { intervalMs: 100 }],
    [['no such key'], INITIAL],
  ])('%j', (keys, expected) => {
    expect(stateAfter(...keys)).toMatchObject(expected);
  });

  test('no sequence of keys leads out of history, table or intervals', () => {
    const key = fc.oneof(
      fc.constantFrom(
        'left',
        'right',
        'pageup',
        'pagedown',
        'home',
        'end',
        's',
        'S',
        '+',
        '-',
        'up',
        'down',
        'tab',
        '/',
        'return',
        ' ',
      ),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(key), (keys) => {
        const { cursor, scroll, intervalMs = 1000, filter } = stateAfter(...keys);
        expect(cursor === undefined || (cursor >= 10 && cursor <= 20)).toBe(true);
        expect(scroll).toBeGreaterThanOrEqual(0);
        expect(scroll).toBeLessThanOrEqual(3);
        expect(intervalMs).toBeGreaterThanOrEqual(100);
        expect([...filter].length).toBeLessThanOrEqual(64);
      }),
    );
  });
});

test('history is bounded, and what fell out of it is the oldest kept', () => {
  const history = new History(100);
  const timeline = new Timeline();
  for (let i = 0; i < 1000; i++) {
    history.push(timeline.next(snapshotAt(i, i)));
    expect(history.length).toBeLessThanOrEqual(125);
  }
  expect(history.latest?.sequence).toBe(999);
  expect(history.at(0)?.sequence).toBe(history.oldest?.sequence);
  expect(history.at(950)?.sequence).toBe(950);
  expect(history.until(950, 3).map(({ sequence }) => sequence)).toEqual([948, 949, 950]);
});
