import type { CompletableCommand, CompletableFlag } from '../completion.ts';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;

/** @returns a script that the shell loads; afterwards it completes commands, flags and their values, and file names elsewhere */
export function completionScript(shell: (typeof SHELLS)[number], commands: readonly CompletableCommand[]): string {
  return { bash, zsh, fish }[shell](commands);
}

function bash(commands: readonly CompletableCommand[]): string {
  return `# bash completion of tslab: eval "$(tslab completion bash)"
_tslab() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]}
  local before=" \${COMP_WORDS[*]:1:COMP_CWORD-1} " id=\${COMP_WORDS[1]} words=
  COMPREPLY=()
${shared(commands, (list) => `words=${quoted(list.map(({ word }) => word).join(' '))}`)}
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o bashdefault -o default -F _tslab tslab
`;
}

function zsh(commands: readonly CompletableCommand[]): string {
  const describe = (list: readonly Entry[]) =>
    `found=(${list.map(({ word, summary }) => quoted(`${word.replaceAll(':', '\\:')}${summary && `:${summary}`}`)).join(' ')})`;
  return `#compdef tslab
# zsh completion of tslab: source <(tslab completion zsh), or as _tslab in a directory of $fpath
_tslab() {
  local cur=$words[CURRENT] prev=$words[CURRENT-1] before=" $words[2,CURRENT-1] " id=$words[2]
  local -a found
${shared(commands, describe)}
  if (( $#found )); then _describe tslab found; else _files; fi
}
if [ "$funcstack[1]" = _tslab ]; then _tslab "$@"; else compdef _tslab tslab; fi
`;
}

interface Entry {
  readonly word: string;
  readonly summary: string;
}

const entries = (words: readonly string[]): Entry[] => words.map((word) => ({ word, summary: '' }));

/** What bash and zsh both understand: which words fit, from $id, $cur, $prev and $before. @param put a command that keeps the entries */
function shared(commands: readonly CompletableCommand[], put: (list: readonly Entry[]) => string): string {
  const nested = commands.filter(({ id }) => id.includes(' '));
  const lines = nested.map(({ id }) => `  case "$before" in ${quoted(` ${id} `)}*) id=${quoted(id)};; esac`);
  const first = new Map(
    commands.map(({ id, summary }) => [id.split(' ')[0] as string, id.includes(' ') ? '' : summary]),
  );
  lines.push(
    '  case "$before" in',
    `    ' '|'  ') ${put([...first].map(([word, summary]) => ({ word, summary })))};;`,
    ...[...new Set(nested.map(({ id }) => id.split(' ')[0] as string))].map((topic) => {
      const held = nested.filter(({ id }) => id.startsWith(`${topic} `));
      const second = held.map(({ id, summary }) => ({ word: id.slice(topic.length + 1), summary }));
      return `    ${quoted(` ${topic} `)}) ${put(second)};;`;
    }),
    '    *) case "$id:$prev" in',
  );
  for (const { id, flags } of commands)
    for (const flag of flags)
      if (flag.takesValue)
        lines.push(
          `      ${names(flag)
            .map((name) => quoted(`${id}:${name}`))
            .join('|')}) ${values(flag, put)};;`,
        );
  lines.push('      *) case "$id:$cur" in');
  for (const { id, flags, args } of commands) {
    lines.push(`        ${quoted(`${id}:-`)}*) ${put(flags.map(({ name, summary }) => ({ word: name, summary })))};;`);
    if (args.length > 0) lines.push(`        ${quoted(`${id}:`)}*) ${put(entries(args))};;`);
  }
  return [...lines, '      esac;;', '    esac;;', '  esac'].join('\n');
}

function names({ name, short }: CompletableFlag): string[] {
  return short ? [name, short] : [name];
}

function values({ values, valuesWith }: CompletableFlag, put: (list: readonly Entry[]) => string): string {
  const others = Object.entries(valuesWith).map(([flag, held]) => `*${quoted(` ${flag} `)}*) ${put(entries(held))};;`);
  if (others.length > 0) return `case "$before" in ${others.join(' ')} *) ${put(entries(values))};; esac`;
  return values.length > 0 ? put(entries(values)) : ':';
}

function fish(commands: readonly CompletableCommand[]): string {
  const lines = ['# fish completion of tslab: tslab completion fish | source', 'complete -c tslab -f'];
  const first = new Set(commands.map(({ id }) => id.split(' ')[0] as string));
  for (const word of first) {
    const summary = commands.find(({ id }) => id === word)?.summary ?? '';
    lines.push(`complete -c tslab -n __fish_use_subcommand -a ${word} -d ${fishQuoted(summary)}`);
  }
  for (const { id, summary, flags, args } of commands) {
    const [topic, word] = id.split(' ') as [string, string | undefined];
    if (word) {
      const open = `__fish_seen_subcommand_from ${topic}; and not __fish_seen_subcommand_from ${word}`;
      lines.push(`complete -c tslab -n ${fishQuoted(open)} -a ${word} -d ${fishQuoted(summary)}`);
    }
    const here = [topic, ...(word ? [word] : [])].map((one) => `__fish_seen_subcommand_from ${one}`).join('; and ');
    const at = (condition: string) => `complete -c tslab -n ${fishQuoted(condition)}`;
    lines.push(args.length > 0 ? `${at(here)} -a ${fishQuoted(args.join(' '))}` : `${at(here)} -F`);
    for (const flag of flags) {
      const spelled = `-l ${flag.name.slice(2)}${flag.short ? ` -s ${flag.short.slice(1)}` : ''} -d ${fishQuoted(flag.summary)}`;
      if (!flag.takesValue) lines.push(`${at(here)} ${spelled}`);
      else if (flag.values.length === 0) lines.push(`${at(here)} ${spelled} -r`);
      else {
        const others = Object.entries(flag.valuesWith);
        for (const [other, held] of others)
          lines.push(
            `${at(`${here}; and __fish_contains_opt ${other.slice(2)}`)} ${spelled} -x -a ${fishQuoted(held.join(' '))}`,
          );
        const none = others.map(([other]) => `; and not __fish_contains_opt ${other.slice(2)}`).join('');
        lines.push(`${at(here + none)} ${spelled} -x -a ${fishQuoted(flag.values.join(' '))}`);
      }
    }
  }
  return `${lines.join('\n')}\n`;
}

/** In single quotes, as bash and zsh read them. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function fishQuoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
