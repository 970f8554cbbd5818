import { expect, test } from 'vitest';
import { DASHBOARDS } from '../../monitoring/dashboards/all.ts';
import type { Panel } from '../../monitoring/dashboards/panel.ts';
import { THRESHOLDS as T } from '../../monitoring/thresholds.ts';
import { type RecordCase, testRecording } from './promtool.ts';

function panel(title: string): Panel {
  const found = DASHBOARDS.flatMap(({ panels }) => panels).find((one) => one.title === title);
  if (!found) throw new Error(`no such panel: ${title}`);
  return found;
}

/** What the panel's query shows, everything being selected. */
function shows({ queries }: Panel, query: number, one: RecordCase): string {
  const expr = (queries[query]?.expr ?? '').replaceAll('$__rate_interval', '5m').replaceAll(/\$[a-z_]+/g, '.*');
  return testRecording({ record: 'shown', expr }, [one]);
}

const AT = 'job="api",instance="h1:9645",pid="7",command="api"';
/** A process of three allocators. */
const three = (name: string, values: string) =>
  Object.fromEntries(
    [1, 2, 3].map((n) => [`${name}{${AT},allocator_instance="${n}",name="a${n}",process="7-${n}"}`, values]),
  );

test.each([
  ['Processes', 0, '{}', 1],
  ['RSS', 0, '{}', 6000],
  ['RSS by process', 0, `{${AT}}`, 6000],
  ['From RSS down to live bytes', 0, '{}', 6000],
  ['Growth of RSS', 0, `{${AT}}`, 100],
])('%s: a process with several allocators has its RSS once', (title, query, labels, value) => {
  const series = three('temporal_slab_rss_bytes', '0+6000x60');
  expect(shows(panel(title), query, { series, at: title === 'Growth of RSS' ? 30 : 1, is: { [labels]: value } })).toBe(
    '',
  );
});

test('RSS by process: its slabs are those of all its allocators', () => {
  const series = three('temporal_slab_estimated_slab_rss_bytes', '2000+0x60');
  expect(shows(panel('RSS by process'), 1, { series, at: 1, is: { [`{${AT}}`]: 6000 } })).toBe('');
});

test('the share of RSS is shown of the closes that its alert looks at', () => {
  const close = (offered: number) => ({
    [`temporal_slab_last_epoch_close_rss_before_bytes{${AT}}`]: '8000000+0x30',
    [`temporal_slab_last_epoch_close_rss_after_bytes{${AT}}`]: `${8000000 - offered / 4}+0x30`,
    [`temporal_slab_last_epoch_close_madvise_bytes{${AT}}`]: `${offered}+0x30`,
  });
  const share = panel('RSS fell by this share of what was offered');
  expect(shows(share, 0, { series: close(T.cooperationBytes + 8), at: 20, is: { [`{${AT}}`]: 0.25 } })).toBe('');
  expect(shows(share, 0, { series: close(T.cooperationBytes), at: 20, is: {} })).toBe('');
});

test('Oldest epoch in use: its age alone is no bad news', () => {
  const { yellow, red } = panel('Oldest epoch in use');
  expect([yellow, red]).toEqual([undefined, undefined]);
});
