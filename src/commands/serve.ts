import { Flags } from '@oclif/core';
import { TslabCommand } from '../lib/command.ts';
import { durationFlag } from '../lib/duration.ts';
import { fleetFlags, sourceArgs } from '../lib/flags.ts';
import { note } from '../lib/output.ts';
import { forTerminal } from '../lib/render/safe-text.ts';
import { askedToEnd } from '../lib/signals.ts';

/** This machine only. */
const DEFAULT_ADDRESS = '127.0.0.1:9917';
/** What a request that is under way may still take when the server is asked to end. */
const GRACE_MS = 5_000;

export default class Serve extends TslabCommand {
  static override summary = 'Serve the counters of running processes: Prometheus metrics, a live page, JSON.';
  static override description =
    'All processes of `tslab ps`, or those that --pid and --name select, or one source. Read when somebody asks, or every --interval.\n' +
    '  /metrics     text or OpenMetrics, gzip; of one process with ?pid=, ?instance=, ?name=\n' +
    '  /            a live page; /events is its stream of server-sent events\n' +
    '  /snapshot    the snapshots as JSON, every digit intact\n' +
    '  /sd          HTTP service discovery for Prometheus, one target a process\n' +
    '  /-/healthy, /-/ready\n' +
    'Listens on the loopback address unless told otherwise. SIGTERM and SIGINT end it when running requests are answered, exit code 0;\n' +
    'an address that is in use, or an unusable --web.config.file, is exit code 4.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --name api --name worker --interval 10s',
    '<%= config.bin %> <%= command.id %> --web.listen-address :9917 --web.config.file web.yml',
    'ssh host stats_dump --name api --interval 1s | <%= config.bin %> <%= command.id %> -',
  ];
  static override args = sourceArgs;
  static override flags = {
    ...fleetFlags,
    interval: durationFlag('interval', 'read so often (default: when somebody asks; a stream as it comes)'),
    'max-processes': Flags.integer({
      description: 'show at most so many allocators, those created first',
      default: 64,
      min: 1,
      max: 10_000,
      helpValue: 'N',
    }),
    'web.listen-address': Flags.string({
      description: `where to listen (default ${DEFAULT_ADDRESS}); repeatable; :9917 is all addresses`,
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'HOST:PORT',
      helpGroup: 'WEB',
    }),
    'web.config.file': Flags.string({
      description: 'TLS, users and headers, in the format of the Prometheus exporter-toolkit',
      helpValue: 'FILE',
      helpGroup: 'WEB',
    }),
    'web.allowed-host': Flags.string({
      description:
        "answer only to this name, a proxy's for instance, to localhost and to loopback addresses; repeatable (default: those two, and any name where others can reach it)",
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'NAME',
      helpGroup: 'WEB',
    }),
  };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(Serve);
    const { parseAddress } = await import('../lib/server/address.ts');
    const addresses = (flags['web.listen-address'] ?? [DEFAULT_ADDRESS]).map(parseAddress);
    const { readerFor } = await import('../lib/server/readers.ts');
    const { serve } = await import('../lib/server/serve.ts');
    const { input } = args;
    const { stdin, exec, url, pid: pids = [], name: names = [], interval: intervalMs } = flags;
    const reader = await readerFor(
      { input, stdin, exec, url },
      { pids, names },
      { intervalMs, most: flags['max-processes'] },
    );
    const running = await serve({
      reader,
      intervalMs,
      addresses,
      webConfigFile: flags['web.config.file'],
      onNote: (line) => note(`tslab: ${forTerminal(line)}`),
      allowedHosts: flags['web.allowed-host'] ?? [],
    });
    note(`tslab: serving ${forTerminal(reader.name)} on ${running.urls.join(' and ')}`);
    await askedToEnd();
    await running.close(GRACE_MS);
  }
}
