/** critical: someone has to get up · warning: someone has to look today · info: good to know beside another alert. */
export type Severity = 'critical' | 'warning' | 'info';

export interface Alert {
  readonly name: string;
  /** What is wrong, as `tslab doctor` names it where it finds it too: docs/runbooks/<code>.md. */
  readonly code: string;
  readonly severity: Severity;
  readonly expr: string;
  /** How long it must hold; a flapping scrape or a single close does not page. */
  readonly for: string;
  /** One line; Go template of Prometheus. */
  readonly summary: string;
  readonly description: string;
}

export interface Recording {
  readonly record: string;
  readonly expr: string;
}
