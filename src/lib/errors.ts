/** What the process says to its caller when it ends. Documented in `tslab --help`; tests make each of them occur. */
export const ExitCode = {
  ok: 0,
  /** A defect in tslab itself. */
  bug: 1,
  /** Wrong usage: unknown flag, bad value, missing argument. */
  usage: 2,
  /** Findings: a regression, a failed check, a problem diagnosed. */
  findings: 3,
  /** Input that cannot be used or compared: unreadable, invalid, wrong schema, nothing in common. Also output that cannot be written. */
  input: 4,
  /** Not enough samples to say. */
  samples: 5,
  /** `tslab run`: the program was found and not started. As env(1), nohup(1) and shells have it. */
  notStarted: 126,
  /** `tslab run`: no such program. */
  notFound: 127,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** An error that a person must act on: what happened, and what to try next. Everything else that is thrown is a bug. */
export abstract class TslabError extends Error {
  abstract readonly exitCode: ExitCode;
  constructor(
    /** Stable kebab-case name of the cause, for scripts and tests. */
    readonly code: string,
    message: string,
    /** One sentence on what to do next. */
    readonly hint?: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = new.target.name;
  }
}

export class UsageError extends TslabError {
  override readonly exitCode = ExitCode.usage;
}

export class InputError extends TslabError {
  override readonly exitCode = ExitCode.input;
}

export class SamplesError extends TslabError {
  override readonly exitCode = ExitCode.samples;
}

/** The program of `tslab run` was not started. */
export class StartError extends TslabError {
  override readonly exitCode: ExitCode;
  constructor(
    code: 'not-found' | 'not-executable' | 'not-preloadable' | 'not-started',
    message: string,
    hint?: string,
  ) {
    super(code, message, hint);
    this.exitCode = code === 'not-found' ? ExitCode.notFound : ExitCode.notStarted;
  }
}

/** Ends a command with exit code 3 after its findings have been printed; carries no message of its own. */
export class FindingsFound extends TslabError {
  override readonly exitCode = ExitCode.findings;
  constructor(readonly count: number) {
    super('findings', `${count} finding${count === 1 ? '' : 's'}`);
  }
}

/** Narrows what Node throws: `ENOENT`, `EPIPE`, … or undefined for anything that is no system error. */
export function systemErrorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
