import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import { oneLine } from '../record/record.ts';
import { CONTENT_TYPES, exposition, type Format } from '../render/prometheus/exposition.ts';
import type { Labels } from '../render/prometheus/family.ts';
import { bounded } from '../render/prometheus/label-names.ts';
import { jsonForTerminal } from '../render/safe-text.ts';
import type { OwnNumbers } from './own-metrics.ts';
import { ownFamilies } from './own-metrics.ts';
import type { View, Watched } from './view.ts';

export interface Body {
  readonly bytes: Buffer;
  readonly contentType: string;
}

/** What the server counts of itself may be so old. */
const KEEP_MS = 1000;
/** Selections of one view that are kept; asking for more of them costs the asker time, not us memory. */
const KEEP_BODIES = 256;

interface Kept {
  readonly plain: Buffer;
  gzipped: Promise<Buffer> | undefined;
  readonly madeMs: number;
}

/** What the latest view is answered as: made once for all who ask for the same. */
export class Bodies {
  #view: View | undefined;
  #kept = new Map<string, Kept>();

  constructor(
    readonly version: string,
    readonly own: (view: View) => OwnNumbers,
  ) {}

  /** @param key tells this selection of the view's processes from others; '' for all of them, which alone come with the server's own families */
  async exposition(
    view: View,
    watched: readonly Watched[],
    key: string,
    format: Format,
    zipped: boolean,
  ): Promise<Body> {
    const kept = this.#find(view, `${format} ${key}`, () => this.#text(view, watched, key, format));
    const contentType = CONTENT_TYPES[format];
    if (!zipped) return { bytes: kept.plain, contentType };
    // What the processes say compresses well at any level; speed counts.
    kept.gzipped ??= promisify(gzip)(kept.plain, { level: constants.Z_BEST_SPEED });
    return { bytes: await kept.gzipped, contentType };
  }

  /** @param key as for exposition(). @returns the snapshots' JSON, one a line */
  snapshots(view: View, watched: readonly Watched[], key: string): Body {
    const { plain } = this.#find(view, `json ${key}`, () =>
      watched.map(({ text }) => `${jsonForTerminal(oneLine(text))}\n`).join(''),
    );
    const type = watched.length === 1 ? 'application/json' : 'application/x-ndjson';
    return { bytes: plain, contentType: `${type}; charset=utf-8` };
  }

  #find(view: View, key: string, make: () => string): Kept {
    if (this.#view !== view || this.#kept.size >= KEEP_BODIES) this.#kept.clear();
    this.#view = view;
    const found = this.#kept.get(key);
    const now = performance.now();
    if (found && now - found.madeMs < KEEP_MS) return found;
    const kept = { plain: Buffer.from(make()), gzipped: undefined, madeMs: now };
    this.#kept.set(key, kept);
    return kept;
  }

  #text(view: View, watched: readonly Watched[], key: string, format: Format): string {
    const instances = watched.map((one) => ({ snapshot: one.snapshot, labels: labelsOf(one) }));
    return exposition(instances, { format, version: this.version, own: key === '' ? ownFamilies(this.own(view)) : [] });
  }
}

/** The labels by which processes are told apart. */
export const PROCESS_LABELS: readonly string[] = ['pid', 'command', 'name', 'allocator_instance'];

/** Prometheus calls the target it scrapes `instance`, so the number of an allocator is another label. */
export function labelsOf({ pid, command, name, instance }: Watched): Labels {
  const labels: [string, string | undefined][] = [
    ['pid', pid],
    ['command', command],
    ['name', name],
    ['allocator_instance', instance],
  ];
  return labels.flatMap(([label, value]) =>
    value === undefined || value === '' ? [] : [[label, bounded(value)] as const],
  );
}
