import type { Snapshot } from '../../snapshot/model.ts';
import { forTerminal } from '../safe-text.ts';

/** What stands for no label and for registry id 0, which also counts for the labels that found the registry full. */
export const UNLABELED = 'unlabeled';
/** What stands for a label outside the registry: without it, a program that invents labels would add time series for ever. */
export const OTHER = 'other';

/** A label of our allocator has at most 31 bytes; other producers' may be longer. */
const MAX_CHARS = 128;

/** How one process's label texts and ids become values of the Prometheus label `label`: at most the registry's 16 and OTHER. */
export interface LabelNames {
  ofText(text: string): string;
  ofId(id: string): string;
  /** Registered ids, 0 included. */
  readonly ids: readonly string[];
}

export function labelNames({ label_registry: registry }: Snapshot): LabelNames {
  const texts = new Map(Object.entries(registry?.labels ?? {}).map(([id, text]) => [id, id === '0' ? '' : text]));
  const known = new Set(texts.values());
  const named = (text: string) => (text === '' ? UNLABELED : bounded(text));
  return {
    ids: [...texts.keys()],
    ofText: (text) => (text === '' || !registry?.labels || known.has(text) ? named(text) : OTHER),
    ofId: (id) => {
      const text = id === '0' ? '' : texts.get(id);
      return text === undefined ? OTHER : named(text);
    },
  };
}

/**
 * @returns the text with its controls made visible, so that texts which look alike count as one, and cut where it is longer than any label
 *   should be
 */
export function bounded(text: string): string {
  const characters = Array.from(forTerminal(text.slice(0, MAX_CHARS * 2)));
  return characters.length <= MAX_CHARS ? characters.join('') : `${characters.slice(0, MAX_CHARS).join('')}…`;
}
