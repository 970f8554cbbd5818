/** The page's one style sheet. Its hash stands in the page's content security policy: see page.ts. */
export const STYLE = `
:root { color-scheme: light dark;
  --page: #fbfbfa; --card: #ffffff; --ink: #1c1e21; --soft: #5b6168; --rule: #dcdfe3; --accent: #1f5fbf;
  --s0: #1f5fbf; --s1: #b4530a; --s2: #0b7a55; --s3: #7a45b8; --s4: #b32d6b; --s5: #7d6200; --s6: #08798c; --s7: #666d76; }
@media (prefers-color-scheme: dark) { :root {
  --page: #14161a; --card: #1c1f25; --ink: #e8eaed; --soft: #a3a9b3; --rule: #363b44; --accent: #86b4ff;
  --s0: #7fb0ff; --s1: #ff9d5c; --s2: #4fce9e; --s3: #c0a0fa; --s4: #f78bb8; --s5: #dcb83f; --s6: #4fc8dd; --s7: #a6adb8; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1000px; padding: 0 16px 48px; background: var(--page); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 24px 0 4px; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin: 0 0 4px; }
p { margin: 4px 0 12px; max-width: 75ch; } header p { max-width: none; overflow-wrap: anywhere; }
a { color: var(--accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.skip { position: absolute; left: -999px; } .skip:focus { left: 16px; top: 8px; background: var(--card); padding: 4px 8px; }
.soft, .hint, figcaption, footer { color: var(--soft); } .hint { font-size: .875rem; margin: 0 0 4px; }
nav ul, .legend { list-style: none; margin: 8px 0; padding: 0; display: flex; flex-wrap: wrap; gap: 4px 16px; }
section { background: var(--card); border: 1px solid var(--rule); border-radius: 8px; padding: 16px; margin: 16px 0; }
.notes { border-left: 4px solid var(--s1); padding: 8px 12px; margin: 12px 0; background: var(--card); } .notes ul { margin: 0; padding-left: 20px; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 8px; margin: 12px 0; }
.facts div { border: 1px solid var(--rule); border-radius: 8px; padding: 8px 12px; background: var(--card); }
.facts dt { color: var(--soft); font-size: .8125rem; } .facts dd { margin: 0; font-size: 1.25rem; font-weight: 600; font-variant-numeric: tabular-nums; } .facts small { display: block; font-size: .75rem; font-weight: 400; color: var(--soft); }
.chart { margin: 8px 0 16px; } .chart > svg { display: block; width: 100%; height: auto; } .chart > svg.narrow { display: none; }
.legend { font-size: .875rem; } .legend li { overflow-wrap: anywhere; } .key { width: 24px; height: 12px; margin-right: 6px; }
.grid { stroke: var(--rule); fill: none; } .axis { stroke: var(--soft); fill: none; } .tick { fill: var(--soft); font-size: 12px; font-variant-numeric: tabular-nums; } .inbar { fill: var(--ink); font-size: 11px; }
.line { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; } .line.edge { stroke-width: 1.5; } .area { fill-opacity: .35; stroke: none; } .bar { fill-opacity: .3; stroke-width: 1.25; } .strip { fill: transparent; } .strip:hover { fill: var(--ink); fill-opacity: .08; } .hatch { stroke: var(--ink); stroke-opacity: .4; stroke-width: 1.5; }
${Array.from({ length: 8 }, (_, i) => `.line.s${i} { stroke: var(--s${i}); } .area.s${i} { fill: var(--s${i}); } .bar.s${i} { fill: var(--s${i}); stroke: var(--s${i}); }`).join('\n')}
.line.s1 { stroke-dasharray: 9 4; } .line.s2 { stroke-dasharray: 3 4; } .line.s3 { stroke-dasharray: 12 4 3 4; } .line.s4 { stroke-dasharray: 6 3; } .line.s5 { stroke-dasharray: 1 4; } .line.s6 { stroke-dasharray: 14 6; } .line.edge { stroke-dasharray: none; }
.scroll { overflow-x: auto; } .scroll + .scroll { margin-top: 16px; } table { border-collapse: collapse; width: 100%; font-size: .875rem; } caption { text-align: left; font-weight: 600; padding: 4px 0; }
th, td { text-align: left; padding: 4px 12px 4px 0; border-bottom: 1px solid var(--rule); white-space: nowrap; } tbody th { font-weight: 400; } thead th { color: var(--soft); font-weight: 500; } .number { text-align: right; font-variant-numeric: tabular-nums; }
th:last-child, td:last-child { padding-right: 0; }
.finding { border-left: 4px solid var(--s7); padding: 2px 12px; margin: 12px 0; overflow-wrap: anywhere; } .finding.error { border-color: var(--s4); } .finding.warning { border-color: var(--s1); } .finding h3 { font-size: 1rem; margin: 4px 0; } .finding small { color: var(--soft); font-weight: 400; }
@media (max-width: 640px) { .chart > svg.wide { display: none; } .chart > svg.narrow { display: block; } section { padding: 12px; } body { padding: 0 8px 32px; } }
@media print { body { max-width: none; } nav, .skip { display: none; } section { break-inside: avoid; border: 0; padding: 0; } .chart > svg.wide { display: block; } .chart > svg.narrow { display: none; } .scroll { overflow: visible; } }
`;
