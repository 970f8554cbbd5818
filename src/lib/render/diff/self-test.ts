import type { Proof } from '../../analysis/diff/self-test.ts';
import { forTerminal } from '../safe-text.ts';
import { nameOf } from './phrases.ts';

/** @returns what the self-test found, without a final newline */
export function renderSelfTest(proofs: readonly Proof[]): string {
  const named = (result: Proof['result']) =>
    proofs.filter((one) => one.result === result).map((one) => forTerminal(nameOf(one)));
  const [caught, missed, failing, absent] = [named('caught'), named('missed'), named('failing'), named('absent')];
  return [
    ...caught.map((name) => `caught  ${name}`),
    ...missed.map((name) => `MISSED  ${name}: worsened as far as it goes, and the gate passed`),
    ...failing.map((name) => `FAILING ${name}: the gate fails before anything is worsened`),
    ...absent.map((name) => `absent  ${name}: this snapshot does not have it, so nothing gates it`),
    `${caught.length} caught, ${missed.length} missed, ${failing.length} failing already, ${absent.length} absent`,
  ].join('\n');
}
