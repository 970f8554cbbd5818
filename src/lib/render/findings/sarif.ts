import type { Diagnosis } from '../../diagnose/diagnose.ts';
import type { Finding, Severity } from '../../diagnose/finding.ts';
import { RULES } from '../../diagnose/rules/rules.ts';
import { stringifyExact } from '../../snapshot/exact-json.ts';
import { forTerminal, jsonForTerminal } from '../safe-text.ts';
import { action, headline, meaning } from './prose.ts';

const LEVELS: Record<Severity, string> = { error: 'error', warning: 'warning', info: 'note' };

/**
 * @param source path or name of what was read, which a result is located in
 * @returns a log of SARIF 2.1.0 (OASIS standard), with a final newline
 */
export function findingsSarif(diagnosis: Diagnosis, source: string, version: string): string {
  const log = {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'tslab doctor',
            version,
            rules: RULES.map(({ code }) => ({
              id: code,
              shortDescription: { text: code },
              fullDescription: { text: meaning(code) },
              help: { text: `docs/runbooks/${code}.md` },
            })),
          },
        },
        columnKind: 'unicodeCodePoints',
        results: diagnosis.findings.map((one) => result(one, source)),
      },
    ],
  };
  return `${jsonForTerminal(stringifyExact(log, 2))}\n`;
}

function result(finding: Finding, source: string): object {
  const { code, severity, confidence, owner, evidence } = finding;
  return {
    ruleId: code,
    ruleIndex: RULES.findIndex((rule) => rule.code === code),
    level: LEVELS[severity],
    message: { text: `${headline(finding, forTerminal)} ${action(finding)}` },
    locations: [
      {
        physicalLocation: { artifactLocation: { uri: encodeURI(source) } },
        logicalLocations: evidence
          .slice(0, 4)
          .map(({ pointer, metric }) => ({ fullyQualifiedName: pointer, name: metric })),
      },
    ],
    // The same trouble of the same owner is the same result in the next run, whatever its numbers are then.
    partialFingerprints: { 'owner/v1': [code, forTerminal(owner.label ?? ''), owner.objectSize ?? ''].join('/') },
    properties: { confidence, evidence: evidence.map(({ pointer, value }) => ({ pointer, value: Number(value) })) },
  };
}
