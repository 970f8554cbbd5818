import stringWidth from 'string-width';

const ASCII = /^[\x20-\x7e]*$/;
const COLOUR = /^\x1b\[[\d;]*m/;
const graphemes = new Intl.Segmenter();

/** @param text safe text, without colours. @returns how many cells of a terminal it takes */
export function widthOf(text: string): number {
  return ASCII.test(text) ? text.length : stringWidth(text);
}

/** @param text safe text that may hold colours. @returns its beginning that fits into so many cells; a cut is marked by … */
export function cutToWidth(text: string, cells: number): string {
  if (stringWidth(text) <= cells) return text;
  let out = '';
  let used = 0;
  let cut = false;
  for (let rest = text; rest !== ''; ) {
    const colour = COLOUR.exec(rest)?.[0];
    if (colour !== undefined) {
      out += colour;
      rest = rest.slice(colour.length);
      continue;
    }
    const next = rest.indexOf('\x1b');
    const plain = next === -1 ? rest : rest.slice(0, next);
    rest = rest.slice(plain.length || 1);
    for (const { segment } of cut ? [] : graphemes.segment(plain)) {
      const width = widthOf(segment);
      if (used + width > cells - 1) {
        out += cells > 0 ? '…' : '';
        cut = true;
        break;
      }
      out += segment;
      used += width;
    }
  }
  return out;
}

/** @param text safe text, without colours. @returns it in exactly so many cells, cut or padded */
export function inCells(text: string, cells: number, align: 'left' | 'right' = 'left'): string {
  const fitting = widthOf(text) > cells ? cutToWidth(text, cells) : text;
  const padding = ' '.repeat(Math.max(0, cells - widthOf(fitting)));
  return align === 'right' ? padding + fitting : fitting + padding;
}
