import type { Diff } from '../../analysis/diff/result.ts';
import { forGithub, forGithubProperty } from '../safe-text.ts';
import { conclusion, nameOf, reasonOf, sentence } from './phrases.ts';

type Level = 'error' | 'warning' | 'notice';

/** @returns workflow commands that GitHub Actions turns into annotations, with a final newline */
export function diffGithub(diff: Diff): string {
  const lines: string[] = [];
  const say = (level: Level, title: string, message: string) =>
    lines.push(`::${level} title=${forGithubProperty(title)}::${forGithub(message)}`);
  for (const one of diff.comparisons.filter(({ gated }) => gated)) {
    if (one.status === 'regression') say('error', `regression: ${nameOf(one)}`, sentence(one));
    else if (one.status === 'change' || one.status === 'improvement')
      say(diff.failOn === 'change' ? 'error' : 'notice', `${one.status}: ${nameOf(one)}`, sentence(one));
    else if (one.status === 'too-few' && diff.outcome === 'not-enough-samples')
      say('error', `too few samples: ${nameOf(one)}`, `needs at least ${one.needed} samples a side`);
  }
  for (const one of diff.notComparable.filter(
    ({ gated, beyondMax, reason }) => gated && (beyondMax || (reason.code === 'absent' && reason.side !== 'both')),
  ))
    say(one.beyondMax ? 'error' : 'warning', `not comparable: ${nameOf(one)}`, reasonOf(one));
  say(diff.outcome === 'fine' ? 'notice' : 'error', 'tslab diff', conclusion(diff));
  return `${lines.join('\n')}\n`;
}
