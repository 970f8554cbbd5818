import { setTimeout as sleep } from 'node:timers/promises';
import { Flags } from '@oclif/core';
import { TslabCommand } from '../../lib/command.ts';
import { durationFlag } from '../../lib/duration.ts';
import { ExitCode, InputError } from '../../lib/errors.ts';
import { fleetFlags, sourceArgs } from '../../lib/flags.ts';
import { note } from '../../lib/output.ts';
import { forTerminal } from '../../lib/render/safe-text.ts';
import type { Ended, Look } from '../../lib/server/readers.ts';
import type { Watched } from '../../lib/server/view.ts';
import { askedToEnd } from '../../lib/signals.ts';

/** What is being sent when the process is asked to end may still take so long: the SDK would try again for ten seconds, and cannot be told to stop. */
const GRACE_MS = 1000;
const PROTOCOLS = ['http/protobuf', 'http/json'] as const;

export default class ExportOtlp extends TslabCommand {
  static override summary = 'Send the counters to an OpenTelemetry collector over OTLP.';
  static override description =
    'Of all processes of `tslab ps`, or those that --pid and --name select, or one source; once, or every --interval until it is ended or the source ends. Of a recording, the last snapshot is sent.\n' +
    'OTEL_EXPORTER_OTLP_ENDPOINT, _HEADERS, _TIMEOUT, _COMPRESSION, _PROTOCOL and _CERTIFICATE are read as the OpenTelemetry SDK reads them.\n' +
    'Metrics have the names they have in Prometheus. Integers are exact up to 2^53, with http/json up to 2^63 - 1; greater ones are sent as doubles.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> --endpoint http://collector:4318 --interval 15s',
    'OTEL_EXPORTER_OTLP_ENDPOINT=http://collector:4318 <%= config.bin %> <%= command.id %> --name api',
    '<%= config.bin %> <%= command.id %> snapshot.json --protocol http/json',
  ];
  static override args = sourceArgs;
  static override flags = {
    ...fleetFlags,
    endpoint: Flags.string({
      description:
        "the collector's base URL; /v1/metrics is added (default: the environment's, else http://localhost:4318)",
      helpValue: 'URL',
    }),
    protocol: Flags.option({
      options: PROTOCOLS,
      description: "default: OTEL_EXPORTER_OTLP_PROTOCOL's, else http/protobuf",
    })(),
    interval: durationFlag('interval', 'send so often instead of once'),
    'max-processes': Flags.integer({
      description: 'send at most so many allocators, those created first',
      default: 64,
      min: 1,
      max: 10_000,
      helpValue: 'N',
    }),
  };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(ExportOtlp);
    const { stdin, exec, url, pid: pids = [], name: names = [], interval: intervalMs, endpoint } = flags;
    const [{ lastLook, readerFor }, { Pusher }] = await Promise.all([
      import('../../lib/server/readers.ts'),
      import('../../lib/otlp/push.ts'),
    ]);
    const pusher = new Pusher({ endpoint, protocol: flags.protocol ?? protocolOf(process.env) });
    const most = flags['max-processes'];
    const choice = { input: args.input, stdin, exec, url };
    const push = async ({ watched, omitted }: Look) => {
      if (omitted > 0) note(`tslab: ${omitted} more allocators are left out; see --max-processes`);
      await pusher.push(watched);
    };
    if (intervalMs === undefined) {
      try {
        const look = await lastLook(choice, { pids, names }, most);
        if (look.watched.length === 0)
          throw new InputError('no-process', 'there is no process to send metrics of', 'tslab ps lists them');
        await push(look);
        if (look.failure) throw look.failure;
      } finally {
        await pusher.close();
      }
      return;
    }
    const reader = await readerFor(choice, { pids, names }, { intervalMs, most });
    let sent: readonly Watched[] = [];
    const send = async () => {
      const look = await reader.look();
      await push(look);
      sent = look.watched;
    };
    try {
      const ended = await every(intervalMs, send, reader.ended);
      if (!ended) return;
      if (ended.last && !sent.includes(ended.last)) await pusher.push([ended.last]);
      if (ended.failure !== undefined) throw ended.failure;
    } finally {
      reader.close();
      await pusher.close();
    }
  }
}

/**
 * Until the process is asked to end or the source ends. What fails is said and tried again: a collector may be away for a while.
 * @returns the source's end, where that came first
 */
async function every(
  intervalMs: number,
  send: () => Promise<void>,
  sourceEnded: Promise<Ended> | undefined,
): Promise<Ended | undefined> {
  let over = false;
  const asked = askedToEnd().then(() => {
    // Keeps nothing alive by itself: it is for what still does then.
    setTimeout(() => {
      note('tslab: asked to end; what was being sent is given up');
      process.exit(ExitCode.ok);
    }, GRACE_MS).unref();
    return undefined;
  });
  const end = Promise.race([asked, ...(sourceEnded ? [sourceEnded] : [])]);
  const pause = new AbortController();
  void end.then(() => {
    over = true;
    pause.abort();
  });
  while (!over) {
    const due = performance.now() + intervalMs;
    await send().catch((error: unknown) => {
      if (!(error instanceof InputError)) throw error;
      // What ends the whole is said when it has ended.
      if (!over) note(`tslab: ${forTerminal(error.message)}`);
    });
    const leftMs = due - performance.now();
    if (leftMs > 0 && !over) await sleep(leftMs, undefined, { signal: pause.signal }).catch(() => {});
  }
  return end;
}

function protocolOf(env: NodeJS.ProcessEnv): (typeof PROTOCOLS)[number] {
  const named = env['OTEL_EXPORTER_OTLP_METRICS_PROTOCOL'] ?? env['OTEL_EXPORTER_OTLP_PROTOCOL'];
  return named === 'http/json' ? named : 'http/protobuf';
}
