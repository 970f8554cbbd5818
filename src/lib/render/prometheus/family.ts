/** Label names and values in the order they are written. Values are raw: hostile until exposition.ts escapes them. */
export type Labels = readonly (readonly [name: string, value: string])[];

export interface FamilySample {
  readonly labels: Labels;
  /** A number as the exposition prints it: every digit. */
  readonly value: string;
}

/** One metric family: a name, what it means, and its samples of all processes. */
export interface Family {
  /** As samples bear it: counters end in `_total`, infos in `_info`. */
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'info';
  readonly help: string;
  readonly samples: readonly FamilySample[];
}
