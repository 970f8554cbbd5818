import { statSync } from 'node:fs';
import type { SecureContextOptions } from 'node:tls';
import { badConfig, readWebConfig, type WebConfig } from './read.ts';
import { secureOptions } from './tls.ts';

export interface Loaded {
  readonly config: WebConfig;
  /** undefined: plain HTTP. */
  readonly secure: SecureContextOptions | undefined;
}

/** How soon a changed file counts. */
const LOOK_MS = 1000;

/**
 * The file and the certificates it names, read again when they change: certificates are renewed without a restart.
 * A file that has become unusable makes `current` undefined, for then nobody knows who may come in.
 */
export class WatchedConfig {
  #loaded: Loaded | undefined;
  #seen: string;
  readonly #timer: NodeJS.Timeout;

  /**
   * @param onChange told of what was read anew, or why it could not be
   * @throws InputError where the file cannot be used to begin with
   */
  constructor(
    readonly path: string,
    onChange: (now: Loaded | Error) => void,
  ) {
    this.#loaded = load(path);
    this.#seen = this.#stamp();
    this.#timer = setInterval(() => {
      const seen = this.#stamp();
      if (seen === this.#seen) return;
      this.#seen = seen;
      try {
        this.#loaded = load(path);
        onChange(this.#loaded);
      } catch (error) {
        this.#loaded = undefined;
        onChange(error instanceof Error ? error : new Error(String(error)));
      }
    }, LOOK_MS).unref();
  }

  get current(): Loaded | undefined {
    return this.#loaded;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #files: readonly string[] = [];

  #stamp(): string {
    const tls = this.#loaded?.config.tls;
    // A file that cannot be read names no others: those it named last count.
    if (tls) this.#files = [tls.certFile, tls.keyFile, tls.clientCaFile].filter((path) => path !== '');
    return [this.path, ...this.#files].map(stampOf).join(' ');
  }
}

function load(path: string): Loaded {
  const config = readWebConfig(path);
  try {
    return { config, secure: config.tls && secureOptions(config.tls) };
  } catch (error) {
    throw badConfig(path, error);
  }
}

function stampOf(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  return found ? `${found.ino}:${found.size}:${found.mtimeMs}` : '-';
}
