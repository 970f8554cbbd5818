import { px, text } from './frame.ts';

const [LEFT, RIGHT, ROW] = [16, 804, 18];

/** Names beside their colours, in rows that fit, the first at `y`. @returns where the last row is, too */
export function legend(series: readonly { id: string; title: string }[], y: number): { body: string; last: number } {
  let [x, last] = [LEFT, y];
  const items = series.map(({ id, title }) => {
    const width = 14 + title.length * 6.6;
    if (x > LEFT && x + width > RIGHT) [x, last] = [LEFT, last + ROW];
    const item = `<rect class="fill-${id}" x="${px(x)}" y="${last - 9}" width="10" height="10"/>${text(x + 14, last, title)}`;
    x += width + 16;
    return item;
  });
  return { body: items.join('\n'), last };
}
