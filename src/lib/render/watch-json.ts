import { fellBy, lastCloseOf } from '../analysis/close.ts';
import { isAmount, type Measure, measuresOf, type Rankable } from '../analysis/measure.ts';
import { ratesOf, ratioOf } from '../analysis/rate.ts';
import { type Subject, subjectsOf, subjectsOver, type Value, valueIn } from '../analysis/subject.ts';
import type { Reading } from '../analysis/timeline.ts';
import { type Holder, numberIn, ratioIn } from '../metrics/read.ts';
import { stringifyExact } from '../snapshot/exact-json.ts';
import type { Snapshot } from '../snapshot/model.ts';
import { eventText } from './event-text.ts';
import { jsonForTerminal } from './safe-text.ts';

/** @returns one line of JSON on a sample, every digit intact, without a newline; schemas/watch.schema.json says what it holds */
export function watchJson(reading: Reading, scopes: readonly Rankable[]): string {
  const { snapshot, delta, events, sequence } = reading;
  const line = {
    sequence,
    timestamp_ns: snapshot.timestamp_ns,
    pid: snapshot.pid,
    instance: snapshot.allocator?.instance,
    elapsed_ns: delta?.elapsedNs,
    events: events.map((event) => ({ ...event, message: eventText(event) })),
    values: numbersOf(snapshot, 'top'),
    ...(delta && { delta: delta.top, per_second: ratesOf(delta.top, delta.elapsedNs) }),
    last_epoch_close: closeJson(snapshot),
    ratios: ratiosOf('top', ({ ratio }) => ratio && (delta ? ratioOf(delta.top, ratio) : ratioIn(snapshot, ratio))),
    ...Object.fromEntries(
      scopes.map((scope) => [
        LISTS[scope],
        (delta ? subjectsOver(scope, delta) : subjectsOf(scope, snapshot)).map((subject) => subjectJson(subject)),
      ]),
    ),
  };
  return jsonForTerminal(stringifyExact(line));
}

/** Facts only: whether RSS fell on account of what was offered is for the reader to judge. */
function closeJson(snapshot: Snapshot): object | undefined {
  const close = lastCloseOf(snapshot);
  return (
    close && {
      ...snapshot.last_epoch_close,
      ...(close.label !== undefined && { label: close.label }),
      rss_fell_by: fellBy(close),
    }
  );
}

export const LISTS: Readonly<Record<Rankable, string>> = { class: 'classes', epoch: 'epochs', label: 'labels' };

/** @returns what names a class, epoch or label in JSON and CSV */
export function identityOf({ scope, numbers, label, state }: Subject): Record<string, Value | string> {
  if (scope === 'label') return { label };
  if (scope === 'class')
    return { class_index: numberIn(numbers, 'class_index'), object_size: numberIn(numbers, 'object_size') };
  return { epoch_id: numberIn(numbers, 'epoch_id'), epoch_era: numberIn(numbers, 'epoch_era'), state, label };
}

function subjectJson(subject: Subject): object {
  const { scope, numbers, changes, elapsedNs } = subject;
  return {
    ...identityOf(subject),
    values: numbersOf(numbers, scope),
    ...(changes && { delta: changes, per_second: ratesOf(changes, elapsedNs) }),
    ratios: ratiosOf(scope, (measure) => valueIn(subject, measure)),
  };
}

function numbersOf(holder: Holder, scope: Measure['scope']): object {
  const numbers = measuresOf(scope).filter(isAmount);
  return Object.fromEntries(numbers.map(({ name }) => [name, numberIn(holder, name)]));
}

function ratiosOf(scope: Measure['scope'], value: (measure: Measure) => Value): object {
  return Object.fromEntries(
    measuresOf(scope)
      .filter(({ kind }) => kind === 'ratio')
      .map((measure) => [measure.name, value(measure)]),
  );
}
