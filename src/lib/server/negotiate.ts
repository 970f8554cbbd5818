import type { accepts } from 'hono/accepts';
import type { Format } from '../render/prometheus/exposition.ts';

/** One range of an Accept header with its quality. */
export type Accept = Parameters<NonNullable<Parameters<typeof accepts>[1]['match']>>[0][number];

/** The one version of each format that we write. */
const VERSIONS: Readonly<Record<string, { format: Format; version: string }>> = {
  'application/openmetrics-text': { format: 'openmetrics', version: '1.0.0' },
  'text/plain': { format: 'text', version: '0.0.4' },
};

/**
 * @param accepted the Accept header, taken apart
 * @returns the format the client likes best of those we write; text for who does not say, or accepts anything
 */
export function formatFor(accepted: readonly Accept[]): Format {
  const byLiking = accepted.filter(({ q }) => q > 0).sort((a, b) => b.q - a.q);
  for (const { type, params } of byLiking) {
    const ours = VERSIONS[type.toLowerCase()];
    if (ours && (params['version'] === undefined || params['version'] === ours.version)) return ours.format;
    if (type === '*/*' || type === 'text/*') return 'text';
  }
  return 'text';
}

/** @param accepted the Accept-Encoding header, taken apart */
export function acceptsGzip(accepted: readonly Accept[]): boolean {
  const named = accepted.find(({ type }) => type.toLowerCase() === 'gzip') ?? accepted.find(({ type }) => type === '*');
  return named !== undefined && named.q > 0;
}
