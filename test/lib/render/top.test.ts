import { expect, test } from 'vitest';
import { findMeasure } from '../../../src/lib/analysis/measure.ts';
import { rank } from '../../../src/lib/analysis/rank.ts';
import { subjectsOf } from '../../../src/lib/analysis/subject.ts';
import { topText } from '../../../src/lib/render/top.ts';
import { widthOf } from '../../../src/lib/render/width.ts';
import { plainStyle } from '../../../src/lib/style.ts';
import { epochAged, snapshotAt } from '../analysis/snapshots.ts';

test('what does not fit is left out by the cells that wide labels take, no number is cut', async () => {
  const snapshot = snapshotAt(0, 0, {}, [
    epochAged(5, { label: '请求处理请求处理', refcount: 1, live_objects: 12, estimated_rss_bytes: 4096 }),
  ]);
  const ranking = { measure: findMeasure('label', 'estimated_rss_bytes', '--by'), order: 'desc' } as const;
  const subjects = subjectsOf('label', snapshot);
  const view = { ranking, reading: { sequence: 0, snapshot, events: [] }, ranked: rank(subjects, ranking), of: 1 };
  const tableIn = async (cells: number) => (await topText(view, false, plainStyle, cells)).split('\n').slice(1);
  const [whole = 0] = (await tableIn(200)).map(widthOf);
  expect((await tableIn(whole)).map(widthOf)).toEqual([whole, whole]);
  for (const line of await tableIn(whole - 1)) expect(widthOf(line)).toBeLessThan(whole);
});
