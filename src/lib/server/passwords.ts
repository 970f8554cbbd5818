import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { packageRoot } from '../package-root.ts';

/** Verdicts that are kept. Right ones are few, and wrong ones never push them out: guessing costs those who know nothing. */
const KEEP_RIGHT = 100;
const KEEP_WRONG = 1000;
/** Checks that wait for the worker; who comes then is told to come back. */
const MOST_WAITING = 16;

/** Too many passwords are being checked at the moment. */
export class Busy extends Error {}

/**
 * Checks passwords against bcrypt hashes, on a thread of its own: a hash takes a tenth of a second by design, and must not keep scrapes waiting.
 * Verdicts are kept under a digest, not under the password.
 */
export class Passwords {
  readonly #right = new Set<string>();
  readonly #wrong = new Set<string>();
  readonly #waiting = new Map<string, Promise<boolean>>();
  readonly #answers = new Map<number, (right: boolean) => void>();
  #worker: Worker | undefined;
  #asked = 0;

  /** @throws Busy */
  async isRight(user: string, hash: string, password: string): Promise<boolean> {
    const key = createHash('sha256')
      .update(JSON.stringify([user, hash, password]))
      .digest('base64');
    if (this.#right.has(key)) return true;
    if (this.#wrong.has(key)) return false;
    const waiting = this.#waiting.get(key);
    if (waiting) return waiting;
    if (this.#waiting.size >= MOST_WAITING) throw new Busy();
    const verdict = this.#ask(hash, password).finally(() => this.#waiting.delete(key));
    this.#waiting.set(key, verdict);
    const right = await verdict;
    remember(right ? this.#right : this.#wrong, key, right ? KEEP_RIGHT : KEEP_WRONG);
    return right;
  }

  close(): void {
    void this.#worker?.terminate();
  }

  #ask(hash: string, password: string): Promise<boolean> {
    this.#worker ??= this.#start();
    const id = this.#asked++;
    return new Promise((resolve) => {
      this.#answers.set(id, resolve);
      this.#worker?.postMessage({ id, hash, password });
    });
  }

  #start(): Worker {
    const worker = new Worker(join(packageRoot(), 'dist/lib/server/password-worker.js'));
    worker.unref();
    worker.on('message', ({ id, right }: { id: number; right: boolean }) => {
      this.#answers.get(id)?.(right);
      this.#answers.delete(id);
    });
    // Nobody gets in by a worker that broke; the next question starts another.
    worker.on('error', () => {
      for (const answer of this.#answers.values()) answer(false);
      this.#answers.clear();
      this.#worker = undefined;
    });
    return worker;
  }
}

function remember(verdicts: Set<string>, key: string, most: number): void {
  const [oldest] = verdicts;
  if (verdicts.size >= most && oldest !== undefined) verdicts.delete(oldest);
  verdicts.add(key);
}
