import { OTLPMetricExporter as JsonExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPMetricExporter as ProtobufExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import type { PushMetricExporter } from '@opentelemetry/sdk-metrics';
import { InputError, UsageError } from '../errors.ts';
import type { Watched } from '../server/view.ts';
import { tslabVersion } from '../version.ts';
import { type Protocol, resourceMetrics, timeOf } from './metrics.ts';
import { StartTimes } from './start-times.ts';

/** What a success is called in OpenTelemetry's ExportResult. */
const SUCCESS = 0;

export interface PushOptions {
  /** Base URL of a collector; undefined: what OpenTelemetry's environment variables say, else http://localhost:4318. */
  readonly endpoint: string | undefined;
  readonly protocol: Protocol;
}

/** Sends metrics to an OpenTelemetry collector. Headers, timeout, compression and certificates come from OTEL_EXPORTER_OTLP_*, as the SDK reads them. */
export class Pusher {
  readonly #exporter: PushMetricExporter;
  readonly #protocol: Protocol;
  readonly #starts = new StartTimes();

  /** @throws UsageError where the endpoint is no http or https URL */
  constructor({ endpoint, protocol }: PushOptions) {
    const options = endpoint === undefined ? {} : { url: metricsUrl(endpoint) };
    this.#protocol = protocol;
    this.#exporter = protocol === 'http/json' ? new JsonExporter(options) : new ProtobufExporter(options);
  }

  /**
   * One request for each process.
   * @throws InputError where the collector cannot be reached or refuses, after the SDK's own retries
   */
  async push(watched: readonly Watched[]): Promise<void> {
    const nowMs = Date.now();
    const timed = watched.map((one) => ({ one, timeNs: timeOf(one, nowMs) }));
    const starts = this.#starts.next(timed);
    for (const [i, { one, timeNs }] of timed.entries()) {
      const metrics = resourceMetrics(one, {
        version: tslabVersion(),
        protocol: this.#protocol,
        timeNs,
        startNs: starts[i] ?? timeNs,
        serviceName: process.env['OTEL_SERVICE_NAME'] || undefined,
      });
      const { code, error } = await new Promise<{ code: number; error?: Error }>((resolve) =>
        this.#exporter.export(metrics, resolve),
      );
      if (code !== SUCCESS)
        throw new InputError(
          'otlp-failed',
          `the collector did not take the metrics: ${error?.message ?? 'no reason given'}`,
        );
    }
  }

  async close(): Promise<void> {
    await this.#exporter.shutdown();
  }
}

function metricsUrl(endpoint: string): string {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:')
    throw new UsageError('bad-url', `--endpoint: not an http or https URL: ${JSON.stringify(endpoint)}`);
  url.pathname = `${url.pathname.replace(/\/$/, '')}/v1/metrics`;
  return url.href;
}
