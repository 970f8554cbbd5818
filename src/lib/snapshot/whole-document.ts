import { isUtf8 } from 'node:buffer';
import type { Document } from './document.ts';
import { parseExact } from './exact-json.ts';

/**
 * The shortest way for the commonest input: one snapshot and nothing else.
 * @param bytes all there is
 * @returns the document, as DocumentReader would give it; null for everything that takes its judgement
 */
export function wholeDocument(bytes: Buffer): Document | null {
  if (bytes[0] !== 0x7b || !isUtf8(bytes)) return null;
  const text = bytes.toString('utf8').trimEnd();
  try {
    return { kind: 'document', value: parseExact(text), text, line: 1, offset: 0, warnings: [] };
  } catch {
    return null;
  }
}
