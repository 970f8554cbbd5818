import { coverage } from '../../findings/coverage.ts';
import { action, confidenceText, headline } from '../../findings/prose.ts';
import { conclusion } from '../../findings/terminal.ts';
import type { Context } from '../context.ts';
import { type Html, html } from '../html.ts';

/** What `tslab doctor` says of the same recording. */
export function findings({ diagnosis }: Context): Html {
  const [, ...limits] = coverage(diagnosis);
  return html`<p>${conclusion(diagnosis).replace('; tslab doctor --explain CODE says more', '')}</p>
${diagnosis.findings.map(
  (
    one,
  ) => html`<div class="finding ${one.severity}"><h3>${one.severity}: ${one.code} <small>${confidenceText(one.confidence)}</small></h3>
<p>${headline(one)}</p><p class="soft">What to do: ${action(one)}.</p></div>
`,
)}${limits.map((sentence) => html`<p class="hint">${sentence}</p>`)}`;
}
