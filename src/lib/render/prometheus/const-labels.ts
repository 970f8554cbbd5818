import { UsageError } from '../../errors.ts';
import { RESERVED_LABELS } from './families.ts';
import type { Labels } from './family.ts';

/**
 * @param texts `NAME=VALUE` each
 * @throws UsageError for a name that Prometheus refuses, that samples bear themselves, or that comes twice
 */
export function parseConstLabels(texts: readonly string[]): Labels {
  const labels = new Map<string, string>();
  for (const text of texts) {
    const [, name, value] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
    if (name === undefined || value === undefined)
      throw new UsageError('bad-label', `--label: not NAME=VALUE: ${JSON.stringify(text)}`);
    if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name) || name.startsWith('__'))
      throw new UsageError(
        'bad-label',
        `--label: not a label name: ${JSON.stringify(name)}`,
        'letters, digits and _, not beginning with a digit or __',
      );
    if (RESERVED_LABELS.includes(name))
      throw new UsageError('bad-label', `--label: samples have a label '${name}' of their own`, 'choose another name');
    if (labels.has(name)) throw new UsageError('bad-label', `--label: '${name}' comes twice`);
    labels.set(name, value);
  }
  return [...labels];
}
