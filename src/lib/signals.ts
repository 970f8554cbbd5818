/** 128 + signal number, as a shell reports a program that the signal ended. */
export const SIGNALS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/** From now on, the next of the signals ends the process at once. */
export function endOnSignal(): void {
  for (const [signal, code] of Object.entries(SIGNALS)) onSignal(signal, () => process.exit(code));
}

/** @returns when the first of the signals has come; a second one ends the process at once */
export function askedToEnd(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of Object.keys(SIGNALS))
      onSignal(signal, () => {
        endOnSignal();
        resolve();
      });
  });
}

function onSignal(signal: string, listener: () => void): void {
  const before = process.rawListeners(signal) as (() => void)[];
  process.once(signal, listener);
  // Last: a signal that came before there is another listener would be lost.
  for (const one of before) process.removeListener(signal, one);
}
