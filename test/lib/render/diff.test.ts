import { describe, expect, test } from 'vitest';
import { forGithub, forGithubProperty, forXml } from '../../../src/lib/render/safe-text.ts';

describe('text of a hostile label', () => {
  const hostile = '\u001b[2J<a b="c">&\'\n::error::x%0A,:\u202e\ud800\uffff]]>';
  test('stays text in XML', () => {
    const text = forXml(hostile);
    expect(text).not.toMatch(/[<>"'\n\u001b\u202e\ud800\uffff]/);
    expect(text.replace(/&#\d+;/g, '')).not.toContain('&');
  });
  test('stays one message of one workflow command', () => {
    expect(forGithub(hostile)).not.toMatch(/[\n\r\u001b]|%(?!25)/);
    expect(forGithubProperty(hostile)).not.toMatch(/[\n\r:,]|%(?!25|3A|2C)/);
  });
});
