import { ValueType } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  type DataPoint,
  DataPointType,
  type MetricData,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import { familiesOf } from '../render/prometheus/families.ts';
import type { Family, FamilySample } from '../render/prometheus/family.ts';
import { bounded } from '../render/prometheus/label-names.ts';
import type { Watched } from '../server/view.ts';
import type { U64 } from '../snapshot/u64.ts';

/** How integers travel: JSON writes them as decimal text, protobuf through a JavaScript number. */
export type Protocol = 'http/protobuf' | 'http/json';

/** OTLP's integers are signed: the greatest is 2^63 - 1. */
const INT64_MAX = 2n ** 63n - 1n;

/** From seconds and nanoseconds, as OpenTelemetry holds instants. */
type HrTime = [seconds: number, nanoseconds: number];

/**
 * @param nowMs used where the producer does not say
 * @returns when the snapshot was taken, in nanoseconds
 */
export function timeOf({ snapshot }: Watched, nowMs: number): U64 {
  return snapshot.timestamp_ns ?? BigInt(Math.round(nowMs)) * 1_000_000n;
}

/**
 * @param options.timeNs when the snapshot was taken, see timeOf
 * @param options.startNs since when its counters count
 * @param options.serviceName instead of the process's command
 * @returns the process's families, under the names they have in Prometheus
 */
export function resourceMetrics(
  watched: Watched,
  options: { version: string; protocol: Protocol; timeNs: U64; startNs: U64; serviceName: string | undefined },
): ResourceMetrics {
  const { pid, command = '', name = '', instance, snapshot } = watched;
  const endTime = hrTime(options.timeNs);
  const startTime = hrTime(options.startNs);
  const attributes = {
    'service.name': options.serviceName ?? (bounded(command) || 'temporal-slab'),
    ...(pid !== undefined && { 'process.pid': Number(pid) }),
    ...(command !== '' && { 'process.command': bounded(command) }),
    ...(pid !== undefined && { 'service.instance.id': watched.id }),
    ...(name !== '' && { 'temporal_slab.name': bounded(name) }),
    ...(instance !== undefined && { 'temporal_slab.allocator_instance': bounded(instance) }),
  };
  return {
    resource: resourceFromAttributes(attributes),
    scopeMetrics: [
      {
        scope: { name: 'tslab', version: options.version },
        metrics: familiesOf([{ snapshot }]).flatMap((family) =>
          metricsOf(family, options.protocol, startTime, endTime),
        ),
      },
    ],
  };
}

/** A family becomes one metric of integers, one of doubles, or both: OTLP fixes the type of number for all points of a metric's descriptor. */
function metricsOf(family: Family, protocol: Protocol, startTime: HrTime, endTime: HrTime): MetricData[] {
  const points = family.samples.map((sample) => pointOf(sample, protocol, startTime, endTime));
  return [ValueType.INT, ValueType.DOUBLE].flatMap((valueType): MetricData[] => {
    const dataPoints = points.filter((point) => point.valueType === valueType).map(({ point }) => point);
    if (dataPoints.length === 0) return [];
    const base = {
      descriptor: { name: family.name, description: family.help, unit: unitOf(family.name), valueType },
      aggregationTemporality: AggregationTemporality.CUMULATIVE,
      dataPoints,
    };
    return family.type === 'counter'
      ? [{ ...base, dataPointType: DataPointType.SUM as const, isMonotonic: true }]
      : [{ ...base, dataPointType: DataPointType.GAUGE as const }];
  });
}

function pointOf({ labels, value }: FamilySample, protocol: Protocol, startTime: HrTime, endTime: HrTime) {
  const { number, valueType } = otlpNumber(value, protocol);
  const point: DataPoint<number> = { startTime, endTime, attributes: Object.fromEntries(labels), value: number };
  return { point, valueType };
}

/**
 * The SDK's numbers are doubles, exact up to 2^53. Beyond that, JSON carries the integer as the decimal text that OTLP/JSON asks for anyway, which the SDK hands
 * through; protobuf has a double. Beyond 2^63 OTLP itself has no integers.
 */
export function otlpNumber(text: string, protocol: Protocol): { number: number; valueType: ValueType } {
  const number = Number(text);
  if (!/^\d+$/.test(text)) return { number, valueType: ValueType.DOUBLE };
  if (Number.isSafeInteger(number)) return { number, valueType: ValueType.INT };
  if (protocol === 'http/json' && BigInt(text) <= INT64_MAX)
    return { number: text as unknown as number, valueType: ValueType.INT };
  return { number, valueType: ValueType.DOUBLE };
}

const UNITS: readonly (readonly [RegExp, string])[] = [
  [/_bytes(_total)?$/, 'By'],
  [/_seconds(_total)?$/, 's'],
  [/_ratio$/, '1'],
];

/** @returns the unit as UCUM writes it; '' where the name says none */
function unitOf(name: string): string {
  return UNITS.find(([pattern]) => pattern.test(name))?.[1] ?? '';
}

function hrTime(ns: U64): HrTime {
  const exact = BigInt(ns);
  return [Number(exact / 1_000_000_000n), Number(exact % 1_000_000_000n)];
}
