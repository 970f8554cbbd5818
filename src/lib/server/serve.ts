import { Server as SecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { isDeepStrictEqual } from 'node:util';
import { systemErrorCode } from '../errors.ts';
import { tslabVersion } from '../version.ts';
import type { Address } from './address.ts';
import { createApp } from './app.ts';
import { Collector } from './collector.ts';
import { hostCheck, isLoopback } from './hosts.ts';
import { createWebServer, type WebServer } from './http.ts';
import { addressText, listenOn } from './listen.ts';
import { Live } from './live.ts';
import { Bodies } from './metrics.ts';
import { Outstanding } from './outstanding.ts';
import type { OwnNumbers } from './own-metrics.ts';
import { Passwords } from './passwords.ts';
import type { Reader } from './readers.ts';
import type { View } from './view.ts';
import type { WebConfig } from './web-config/read.ts';
import { type Loaded, WatchedConfig } from './web-config/watched.ts';

/** However often we are asked, we do not read more often than that. */
const REUSE_MS = 100;

/** Of answers that wait for their clients: the text of 64 processes is some 6 MB, and readings follow each other while clients still read older ones. */
const MOST_UNREAD_BYTES = 24 * 1024 * 1024;

const NEEDS_RESTART =
  'TLS or client certificates are asked for otherwise than when the server started: nobody is let in until it is restarted';

export interface ServeOptions {
  readonly reader: Reader;
  /** Read so often; undefined: when somebody asks. */
  readonly intervalMs: number | undefined;
  readonly addresses: readonly Address[];
  /** Names of a proxy or the like that requests may be for; see hostCheck. */
  readonly allowedHosts: readonly string[];
  /** In the format of the exporter-toolkit; undefined: plain HTTP without authentication. */
  readonly webConfigFile: string | undefined;
  /** Told of what an operator must know while it runs; one line, perhaps hostile. */
  readonly onNote: (line: string) => void;
}

export interface Running {
  /** As a browser takes them. */
  readonly urls: readonly string[];
  /** Takes no more requests, lets those under way end, at most for `graceMs`, and lets go of everything. */
  close(graceMs: number): Promise<void>;
}

const OPEN: WebConfig = { tls: undefined, headers: [], users: new Map() };

/** @throws InputError where an address cannot be had or the configuration cannot be used; nothing is left open then */
export async function serve(options: ServeOptions): Promise<Running> {
  const { reader, intervalMs, addresses, allowedHosts, webConfigFile, onNote } = options;
  const servers: WebServer[] = [];
  const onChange = (now: Loaded | Error) => {
    if (now instanceof Error) return onNote(now.message);
    if (!isServable(now)) return onNote(`${webConfigFile}: ${NEEDS_RESTART}`);
    onNote(`${webConfigFile}: read anew`);
    for (const { server } of servers)
      if (now.secure && server instanceof SecureServer) server.setSecureContext(now.secure);
  };
  const watched = webConfigFile === undefined ? undefined : new WatchedConfig(webConfigFile, onChange);
  const first = watched?.current;
  // Node sets these when it makes a server: what the file says now must not be taken for what is done.
  const isServable = ({ config }: Loaded) => isDeepStrictEqual(config.tls?.clientAuth, first?.config.tls?.clientAuth);
  const tls = first?.config.tls && first.secure && { config: first.config.tls, secure: first.secure };
  const collector = new Collector(reader, { intervalMs, reuseMs: REUSE_MS });
  const passwords = new Passwords();
  const answers = new Map<number, number>();
  const ending = new AbortController();
  const live = new Live(collector, intervalMs);
  let isHostAllowed = hostCheck(true, allowedHosts);
  const scheme = tls ? 'https' : 'http';
  const app = createApp({
    collector,
    bodies: new Bodies(tslabVersion(), (view) => ownNumbers(view, collector, live, answers)),
    outstanding: new Outstanding(MOST_UNREAD_BYTES),
    isHostAllowed: (host) => isHostAllowed(host),
    webConfig: () => {
      if (!watched) return OPEN;
      const now = watched.current;
      return now && isServable(now) ? now.config : undefined;
    },
    passwords,
    scheme,
    ending: ending.signal,
    live,
    answers,
  });
  const close = async (graceMs: number) => {
    ending.abort();
    live.close();
    watched?.close();
    await Promise.all(servers.map((server) => server.close(graceMs)));
    collector.close();
    passwords.close();
  };
  const bound: AddressInfo[] = [];
  try {
    for (const address of addresses) {
      const server = createWebServer(app, tls);
      servers.push(server);
      bound.push(await listenOn(server.server, address));
    }
  } catch (error) {
    await close(0);
    throw error;
  }
  const local = bound.every(({ address }) => isLoopback(address));
  isHostAllowed = hostCheck(local, allowedHosts);
  const tell = (line: string) => !ending.signal.aborted && onNote(line);
  collector.onView(failureNotes(tell));
  // A wrong pid or a missing stats_dump is noticed when it is typed, not when a dashboard stays empty.
  void collector.current().then((view) => {
    if (view.failure === undefined && view.watched.length === 0) tell('no process to show yet');
  });
  return { urls: bound.map((address) => `${scheme}://${addressText(address)}/`), close };
}

/** @returns tells when readings begin to fail and why, and when they work again; a reason that stays is told once */
function failureNotes(tell: (line: string) => void): (view: View) => void {
  let told: string | undefined;
  return ({ failure }) => {
    if (failure === told) return;
    told = failure;
    tell(failure ?? 'the processes can be read again');
  };
}

function ownNumbers(view: View, collector: Collector, live: Live, answers: ReadonlyMap<number, number>): OwnNumbers {
  const { user, system } = process.cpuUsage();
  return {
    up: view.failure === undefined,
    watched: view.watched.length,
    omitted: view.omitted,
    unusable: view.unusable,
    ...collector.counts,
    lookSeconds: view.durationSec,
    answers,
    eventClients: live.clients,
    residentBytes: residentBytes(),
    cpuSeconds: (user + system) / 1e6,
    startSeconds: performance.timeOrigin / 1000,
  };
}

function residentBytes(): number | undefined {
  try {
    return process.memoryUsage.rss();
  } catch (error) {
    // It is read from a file, and there may be no descriptor left.
    if (systemErrorCode(error) === undefined) throw error;
    return undefined;
  }
}
