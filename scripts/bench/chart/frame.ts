/** Pieces of a chart as SVG text. Colours follow the reader's light or dark scheme; series differ in dash or hatching as well as in colour. */

/** One contender's look: colours after Okabe and Ito ("Color Universal Design", 2008), told apart by colour-blind readers, too. What is inlined is a dark shade of what is called. */
export interface Look {
  light: string;
  dark: string;
  dash: string;
  width: number;
}

const LOOKS: Readonly<Record<string, Look>> = {
  glibc: { light: '#6b7280', dark: '#9ca3af', dash: '', width: 1.5 },
  jemalloc: { light: '#0072b2', dark: '#56b4e9', dash: '6 3', width: 1.5 },
  mimalloc: { light: '#b07d00', dark: '#e6b422', dash: '2 2', width: 1.5 },
  tcmalloc: { light: '#00795a', dark: '#2fc99b', dash: '8 3 2 3', width: 1.5 },
  epoch: { light: '#d1420b', dark: '#ff7f50', dash: '', width: 3 },
  inline: { light: '#6b0f00', dark: '#c22f0a', dash: '4 2', width: 3 },
  pointer: { light: '#a6426f', dark: '#e08fb6', dash: '', width: 2 },
  'inline-pointer': { light: '#3d0f2e', dark: '#97488f', dash: '4 2', width: 2 },
  preload: { light: '#6f42c1', dark: '#b794f4', dash: '', width: 2 },
  floor: { light: '#9ca3af', dark: '#6b7280', dash: '1 3', width: 1.5 },
};
const PLAIN: Look = { light: '#111827', dark: '#f3f4f6', dash: '1 3', width: 2 };

export function look(id: string): Look {
  return LOOKS[id] ?? PLAIN;
}

/** @param height in px, for a width of 820; scales with its column */
export function svg(title: string, description: string, height: number, body: string): string {
  const ids = [...Object.keys(LOOKS), 'other'];
  const colours = (scheme: 'light' | 'dark') =>
    ids.map((id) => `.fill-${id}{fill:${look(id)[scheme]}}.line-${id}{stroke:${look(id)[scheme]}}`).join('');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 820 ${height}" role="img" aria-labelledby="title description">
<title id="title">${escaped(title)}</title>
<desc id="description">${escaped(description)}</desc>
<style>
text{font:12px system-ui,sans-serif;fill:#24292f}.small{font-size:10.5px}.head{font-size:15px;font-weight:600}.paper{fill:#ffffff}
.axis{stroke:#57606a;stroke-width:1}.grid{stroke:#d0d7de;stroke-width:1}.mark{stroke:#24292f;stroke-width:1.5;stroke-dasharray:4 3}.line{fill:none}
${colours('light')}
@media (prefers-color-scheme:dark){text{fill:#e6edf3}.paper{fill:#0d1117}.axis{stroke:#9198a1}.grid{stroke:#30363d}.mark{stroke:#e6edf3}${colours('dark')}}
</style>
<rect class="paper" width="820" height="${height}"/>
${text(16, 26, title, 'head')}
${body}
</svg>
`;
}

export function text(
  x: number,
  y: number,
  words: string,
  kind = '',
  anchor: 'start' | 'middle' | 'end' = 'start',
): string {
  return `<text x="${px(x)}" y="${px(y)}"${kind ? ` class="${kind}"` : ''}${anchor === 'start' ? '' : ` text-anchor="${anchor}"`}>${escaped(words)}</text>`;
}

export function line(kind: string, x1: number, y1: number, x2: number, y2: number): string {
  return `<line class="${kind}" x1="${px(x1)}" y1="${px(y1)}" x2="${px(x2)}" y2="${px(y2)}"/>`;
}

export function px(value: number): string {
  return `${Math.round(value * 10) / 10}`;
}

function escaped(words: string): string {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
