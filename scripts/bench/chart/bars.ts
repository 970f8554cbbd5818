import { line, px, svg, text } from './frame.ts';
import { legend } from './legend.ts';

export interface BarGroup {
  name: string;
  /** One per series, undefined where it was not measured. */
  values: readonly (number | undefined)[];
}

/** Horizontal bars in groups, with a mark at 1. Bars longer than `cut` are cut off and say how long they are. */
export function barChart(
  title: string,
  description: string,
  series: readonly { id: string; title: string }[],
  groups: readonly BarGroup[],
  cut: number,
): string {
  const names = legend(series, 46);
  const [left, right, top, thick, gap] = [140, 760, names.last + 28, 11, 12];
  const groupHeight = series.length * thick + gap;
  const bottom = top + groups.length * groupHeight;
  const x = (value: number) => left + (Math.min(value, cut) / cut) * (right - left);
  const body: string[] = [names.body];
  for (let tick = 0; tick <= cut; tick++) {
    body.push(
      line(tick === 0 ? 'axis' : 'grid', x(tick), top, x(tick), bottom),
      text(x(tick), bottom + 16, `${tick}`, 'small', 'middle'),
    );
  }
  groups.forEach((group, g) => {
    const y = top + g * groupHeight + gap / 2;
    body.push(text(left - 8, y + (series.length * thick) / 2 + 4, group.name, '', 'end'));
    series.forEach(({ id }, s) => {
      const value = group.values[s];
      if (value === undefined) return;
      body.push(
        `<rect class="fill-${id}" x="${left}" y="${px(y + s * thick)}" width="${px(x(value) - left)}" height="${thick - 1.5}"/>`,
        text(x(value) + 4, y + s * thick + 9, value.toFixed(2), 'small'),
      );
    });
  });
  body.push(line('mark', x(1), top, x(1), bottom));
  return svg(title, description, bottom + 30, body.join('\n'));
}
