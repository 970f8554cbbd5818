import { line, look, px, svg, text } from './frame.ts';
import { legend } from './legend.ts';

export interface Line {
  id: string;
  title: string;
  points: readonly (readonly [x: number, y: number])[];
}

export interface Axes {
  x: string;
  y: string;
  /** Values of x with a label; x is a logarithm of 2 where it is to be. */
  ticks: readonly number[];
  logarithmic?: boolean;
}

export function lineChart(title: string, description: string, lines: readonly Line[], axes: Axes): string {
  const names = legend(lines, 46);
  const [left, right, top, bottom] = [64, 796, names.last + 30, names.last + 294];
  const all = lines.flatMap(({ points }) => points);
  const scale = axes.logarithmic ? Math.log2 : (value: number) => value;
  const [from, to] = [Math.min(...all.map(([x]) => scale(x))), Math.max(...all.map(([x]) => scale(x)))];
  const step = niceStep(Math.max(...all.map(([, y]) => y)) / 6);
  const highest = Math.ceil(Math.max(...all.map(([, y]) => y)) / step) * step;
  const at = (x: number) => left + ((scale(x) - from) / (to - from || 1)) * (right - left);
  const up = (y: number) => bottom - (y / highest) * (bottom - top);
  const body: string[] = [names.body, text(left, top - 8, axes.y, 'small')];
  for (let y = 0; y <= highest + step / 2; y += step)
    body.push(
      line('grid', left, up(y), right, up(y)),
      text(left - 8, up(y) + 4, `${Number(y.toPrecision(3))}`, 'small', 'end'),
    );
  for (const tick of axes.ticks) body.push(text(at(tick), bottom + 16, `${tick}`, 'small', 'middle'));
  body.push(
    line('axis', left, bottom, right, bottom),
    text((left + right) / 2, bottom + 34, axes.x, 'small', 'middle'),
  );
  for (const { id, points } of lines) {
    const { dash, width } = look(id);
    const path = points.map(([x, y]) => `${px(at(x))},${px(up(y))}`).join(' ');
    body.push(
      `<polyline class="line line-${id}" stroke-width="${width}"${dash ? ` stroke-dasharray="${dash}"` : ''} points="${path}"/>`,
    );
  }
  return svg(title, description, bottom + 48, body.join('\n'));
}

/** 1, 2 or 5 times a power of ten, not below `rough`. */
function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough || 1));
  return ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power;
}
