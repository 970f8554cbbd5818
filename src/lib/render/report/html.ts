import { forHtml } from '../safe-text.ts';

/** Markup that is known to be safe: only html`` makes it. */
export class Html {
  constructor(readonly text: string) {}
}

type Part = Html | string | number | bigint | readonly Part[] | undefined | null | false;

/** @returns markup in which every value that is no Html itself stands as text; undefined, null and false as nothing */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(strings.reduce((text, string, i) => text + textOf(parts[i - 1]) + string));
}

function textOf(part: Part): string {
  if (part === undefined || part === null || part === false) return '';
  if (part instanceof Html) return part.text;
  return Array.isArray(part) ? part.map(textOf).join('') : forHtml(String(part));
}
