import fc from 'fast-check';

/** What terminals, pages, Prometheus or JSON act on. Of the format characters, a random choice from all code points finds one in some thousand. */
const ACTED_ON = [
  ...'\0\n\r\t\x1b\x7f\x9b\u00ad\u200b\u202e\u2028\u2066\ufeff\u{1bca0}\u{e0041}\ud800"\'`<>&\\{}|[](),;:#%=',
];

/** Text that means harm: every other character is one that something acts on. */
export function hostileText(constraints: { readonly maxLength?: number } = {}): fc.Arbitrary<string> {
  const any = fc.string({ unit: 'binary', minLength: 1, maxLength: 1 });
  return fc.string({ unit: fc.oneof(fc.constantFrom(...ACTED_ON), any), ...constraints });
}
