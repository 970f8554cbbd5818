import fc from 'fast-check';
import { expect, test } from 'vitest';
import { forHtml, forMarkdown, forTerminal, jsonForTerminal } from '../../../src/lib/render/safe-text.ts';
import { fixtureText } from '../../fixtures.ts';
import { hostileText } from '../../hostile-text.ts';

const anyText = hostileText();
const ACTS = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;

test('nothing that a terminal acts on is left', () => {
  fc.assert(fc.property(anyText, (text) => void expect(forTerminal(text)).not.toMatch(ACTS)));
  expect(forTerminal('\x1b[2J a\nb \u202egnp \u009b31m é 😀')).toBe('\\x1b[2J a\\nb \\u{202e}gnp \\x9b31m é 😀');
});

test('nothing that HTML acts on is left', () => {
  fc.assert(fc.property(anyText, (text) => void expect(forHtml(text)).not.toMatch(/[<>"'`]|&(?!#\d+;)/)));
  expect(forHtml('<b>&"')).toBe('&#60;b&#62;&#38;&#34;');
});

test('nothing that Markdown acts on is left', () => {
  fc.assert(fc.property(anyText, (text) => void expect(forMarkdown(text)).not.toMatch(/[|*_`<>[\]]|\n/)));
  expect(forMarkdown('a "b" & <c>')).toBe('a &#34;b&#34; &#38; &#60;c&#62;');
});

test('JSON made safe is the same JSON', () => {
  const text = fixtureText('hostile-labels.json');
  expect(jsonForTerminal(text)).not.toMatch(/[\u0080-\u009f\u202e\u200b\x7f]/);
  expect(JSON.parse(jsonForTerminal(text))).toEqual(JSON.parse(text));
  fc.assert(
    fc.property(
      fc.json({ stringUnit: 'binary' }),
      (json) => void expect(JSON.parse(jsonForTerminal(json))).toEqual(JSON.parse(json)),
    ),
  );
});
