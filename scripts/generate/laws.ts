import { LAWS } from '../../src/lib/snapshot/laws.ts';

/** @returns the page with the laws between its marks */
export function withLaws(page: string): string {
  const list = LAWS.map(({ states }) => `- ${states}\n`).join('');
  return page.replace(/(<!-- laws -->\n)[\s\S]*(<!-- \/laws -->)/, `$1\n${list}\n$2`);
}
