import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';

const pages = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], {
  encoding: 'utf8',
})
  .trim()
  .split('\n')
  .filter((page) => existsSync(page));

test.each(pages)('%s links to files that exist', (page) => {
  const links = [...readFileSync(page, 'utf8').matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map(
    ([, target]) => target as string,
  );
  const missing = links.filter((target) => !/^[a-z]+:/.test(target) && !existsSync(join(dirname(page), target)));
  expect(missing).toEqual([]);
});

test.each(
  pages.filter((page) => page.startsWith('docs/') && page !== 'docs/README.md'),
)('%s can be found from docs/README.md, or from the README of its own folder', (page) => {
  const found = [dirname(page), 'docs'].some((folder) => {
    const index = join(folder, 'README.md');
    return existsSync(index) && readFileSync(index, 'utf8').includes(`(${relative(folder, page)})`);
  });
  expect(found).toBe(true);
});
