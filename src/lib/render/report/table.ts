import { type Html, html } from './html.ts';

export interface HtmlColumn {
  readonly title: string;
  readonly align?: 'right';
}

/** @param rows cells as text, hostile or not. @returns a table that scrolls within itself on a narrow screen, also by keyboard */
export function table(caption: string, columns: readonly HtmlColumn[], rows: readonly (readonly string[])[]): Html {
  const align = (i: number) => (columns[i]?.align === 'right' ? html` class="number"` : undefined);
  return html`<div class="scroll" role="region" aria-label="${caption}" tabindex="0"><table><caption>${caption}</caption>
<thead><tr>${columns.map(({ title }, i) => html`<th scope="col"${align(i)}>${title}</th>`)}</tr></thead>
<tbody>${rows.map((row) => html`<tr>${row.map((cell, i) => (i === 0 ? html`<th scope="row"${align(i)}>${cell}</th>` : html`<td${align(i)}>${cell}</td>`))}</tr>\n`)}</tbody></table></div>`;
}
