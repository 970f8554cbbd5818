import type { Check, Diagnosis } from '../../diagnose/diagnose.ts';
import type { Finding, Owner } from '../../diagnose/finding.ts';
import { stringifyExact } from '../../snapshot/exact-json.ts';
import { forTerminal, jsonForTerminal } from '../safe-text.ts';
import { action, headline } from './prose.ts';

/** @returns the document that schemas/findings.schema.json describes, with a final newline */
export function findingsJson(diagnosis: Diagnosis, exitCode: number): string {
  return `${jsonForTerminal(stringifyExact(findingsDocument(diagnosis, exitCode), 2))}\n`;
}

/** @returns the same as an object, for documents that hold it */
export function findingsDocument({ findings, checks, observation }: Diagnosis, exitCode: number): object {
  const { last, samples, seconds, restarts } = observation;
  return {
    schema_version: 1,
    exit_code: exitCode,
    source: {
      pid: last.pid,
      instance: last.allocator?.instance,
      timestamp_ns: last.timestamp_ns,
      snapshots: samples,
      seconds,
      restarts,
    },
    findings: findings.map(findingJson),
    checks: checks.map(checkJson),
  };
}

function findingJson(finding: Finding): object {
  const { code, severity, confidence, owner, evidence, args } = finding;
  return {
    code,
    severity,
    confidence,
    owner: ownerJson(owner),
    message: headline(finding, forTerminal),
    action: action(finding),
    runbook: `docs/runbooks/${code}.md`,
    evidence: evidence.map(({ metric, pointer, value, unit, basis }) => ({ metric, pointer, value, unit, basis })),
    args: snakeCase(args),
  };
}

function ownerJson({ label, epochId, epochEra, objectSize }: Owner): object {
  return { label, epoch_id: epochId, epoch_era: epochEra, object_size: objectSize };
}

function checkJson(check: Check): object {
  if (check.judged !== 'no') return { code: check.code, judged: check.judged };
  const { lacks } = check;
  return { code: check.code, judged: 'no', lacks: lacks.kind, ...(lacks.kind === 'numbers' && { paths: lacks.paths }) };
}

/** Arguments are named as the other fields of JSON output are. */
function snakeCase(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(snakeCase);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inside]) => [
      key.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`),
      snakeCase(inside),
    ]),
  );
}
