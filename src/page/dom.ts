/** Small parts of a page. Texts become text nodes: nothing that a program says is ever read as markup. */

type Child = Node | string;

export function el<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Readonly<Record<string, string>> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

export function svg(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  ...children: Child[]
): SVGElement {
  const node = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, String(value));
  node.append(...children);
  return node;
}

/** @throws where the page has no such element, which is a defect of index.html */
export function byId<E extends HTMLElement = HTMLElement>(id: string): E {
  const found = document.getElementById(id);
  if (!found) throw new Error(`no element #${id}`);
  return found as E;
}

export interface Column<Row> {
  readonly title: string;
  readonly text: (row: Row) => Child;
  readonly number?: boolean;
}

export function table<Row>(
  caption: string,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  isCurrent: (row: Row) => boolean = () => false,
): HTMLTableElement {
  const cls = (number?: boolean): Record<string, string> => (number ? { class: 'number' } : {});
  return el(
    'table',
    {},
    ...(caption === '' ? [] : [el('caption', {}, caption)]),
    el(
      'thead',
      {},
      el('tr', {}, ...columns.map(({ title, number }) => el('th', { scope: 'col', ...cls(number) }, title))),
    ),
    el(
      'tbody',
      {},
      ...rows.map((row) =>
        el(
          'tr',
          isCurrent(row) ? { 'aria-current': 'true' } : {},
          ...columns.map(({ text, number }) => el('td', cls(number), text(row))),
        ),
      ),
    ),
  );
}
