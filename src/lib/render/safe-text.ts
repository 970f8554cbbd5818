/**
 * The one place where text from a watched program is made safe for where it is shown. Labels, allocator names and every other string of a
 * snapshot are hostile until they went through here.
 */

/**
 * What a terminal, a log or an editor may act on rather than show: C0 and C1 controls, DEL, line and paragraph separators, bidirectional
 * controls (UAX #9), zero-width and other format characters, and unpaired surrogates.
 */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\u115f\u1160\u3164\uffa0]/gu;

/** @returns text that takes one line and cannot steer a terminal; what was unsafe stands as `\x1b` or `\u{202e}` */
export function forTerminal(text: string): string {
  return text.replace(UNSAFE, (c) => {
    const code = c.codePointAt(0) ?? 0;
    if (c === '\n') return '\\n';
    if (c === '\t') return '\\t';
    if (c === '\r') return '\\r';
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
  });
}

/** @returns text for an element's content or a quoted attribute of an HTML page */
export function forHtml(text: string): string {
  return forTerminal(text).replace(/[&<>"'`]/g, (c) => `&#${c.charCodeAt(0)};`);
}

/** @returns text for a Markdown table cell, also where HTML is allowed in Markdown */
export function forMarkdown(text: string): string {
  return forTerminal(text).replace(/[&<>"'`\\*_[\]()#+!|~@:-]/g, (c) => `&#${c.charCodeAt(0)};`);
}

/** @returns the same JSON document, in which only a JSON reader can bring unsafe characters back: they may stand nowhere but in strings */
export function jsonForTerminal(json: string): string {
  return json.replace(UNSAFE, (c) => {
    if (c === '\n' || c === '\r' || c === '\t') return c;
    return Array.from({ length: c.length }, (_, i) => `\\u${c.charCodeAt(i).toString(16).padStart(4, '0')}`).join('');
  });
}

/** @returns text for an element's content or a quoted attribute of an XML 1.0 document, which has no place for two of Unicode's code points */
export function forXml(text: string): string {
  return forHtml(text).replace(/[\ufffe\uffff]/g, (c) => `\\u{${c.charCodeAt(0).toString(16)}}`);
}

/** @returns text for the message of a GitHub workflow command: one line, and no second command */
export function forGithub(text: string): string {
  return forTerminal(text).replaceAll('%', '%25');
}

/** @returns text for a property of a GitHub workflow command, such as its title */
export function forGithubProperty(text: string): string {
  return forGithub(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

/** @returns text for a quoted label value or a help line of a Prometheus or OpenMetrics exposition; controls stand as visible `\x1b` */
export function forExposition(text: string): string {
  return forTerminal(text).replace(/[\\"]/g, (c) => `\\${c}`);
}
