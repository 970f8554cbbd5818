import type { Part } from '../../analysis/diff/metric.ts';
import type { Comparison, Diff } from '../../analysis/diff/result.ts';
import { forXml } from '../safe-text.ts';
import { headline, nameOf, reasonOf, sentence } from './phrases.ts';

/** @returns a JUnit XML report with one test case per metric judged: failures for regressions, errors for too few samples */
export function diffJunit(diff: Diff): string {
  const cases = diff.comparisons.filter(({ gated }) => gated).map((one) => testCase(one, resultOf(one, diff)));
  const skipped = diff.notComparable
    .filter(({ gated }) => gated)
    .map((one) => testCase(one, element(one.beyondMax ? 'failure' : 'skipped', reasonOf(one))));
  const all = [...cases, ...skipped];
  const count = (name: string) => all.filter((text) => text.includes(`<${name} `)).length;
  const numbers = `tests="${all.length}" failures="${count('failure')}" errors="${count('error')}" skipped="${count('skipped')}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="tslab diff" tests="${all.length}" failures="${count('failure')}" errors="${count('error')}">`,
    `  <testsuite name="tslab diff" ${numbers}>`,
    ...all.map((text) => `    ${text}`),
    `    <system-out>${forXml(headline(diff).join('; '))}</system-out>`,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function testCase(one: { readonly name: string; readonly part: Part }, result: string): string {
  return `<testcase classname="${forXml(one.part.kind)}" name="${forXml(nameOf(one))}">${result}</testcase>`;
}

function resultOf(one: Comparison, { failOn, outcome }: Diff): string {
  const isFinding =
    one.status === 'regression' || (failOn === 'change' && (one.status === 'change' || one.status === 'improvement'));
  if (isFinding) return element('failure', sentence(one));
  if (one.status !== 'too-few') return `<system-out>${forXml(sentence(one))}</system-out>`;
  const text = `noisy: needs at least ${one.needed} samples a side`;
  return element(outcome === 'not-enough-samples' ? 'error' : 'skipped', text);
}

function element(name: 'failure' | 'error' | 'skipped', message: string): string {
  const type = name === 'skipped' ? '' : ` type="${name === 'failure' ? 'regression' : 'not-enough-samples'}"`;
  return `<${name} message="${forXml(message)}"${type}/>`;
}
