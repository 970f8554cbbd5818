/** @param argv as typed after `run` @returns tslab's own words, and the program with its arguments: what follows `--`, else the first word that is no flag */
export function splitCommandLine(
  argv: readonly string[],
  flags: Readonly<Record<string, { readonly type: 'boolean' | 'option'; readonly char?: string }>>,
): { own: string[]; words: string[] } {
  const takesValue = new Set(
    Object.entries(flags)
      .filter(([, { type }]) => type === 'option')
      .flatMap(([name, { char }]) => [`--${name}`, ...(char ? [`-${char}`] : [])]),
  );
  let at = 0;
  while (at < argv.length && argv[at] !== '--' && argv[at]?.startsWith('-') && argv[at] !== '-')
    at += takesValue.has(argv[at] ?? '') ? 2 : 1;
  return { own: argv.slice(0, at), words: argv.slice(argv[at] === '--' ? at + 1 : at) };
}
