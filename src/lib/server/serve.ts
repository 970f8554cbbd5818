import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tslabVersion } from '../version.ts';
import type { Address } from './address.ts';
import { createApp } from './app.ts';
import { Collector } from './collector.ts';
import { hostCheck, isLoopback } from './hosts.ts';
import { createHttpServer } from './http.ts';
import { addressText, listenOn } from './listen.ts';
import { Expositions } from './metrics.ts';
import type { OwnNumbers } from './own-metrics.ts';
import type { Reader } from './readers.ts';
import type { View } from './view.ts';

/** However often we are asked, we do not read more often than that. */
const REUSE_MS = 100;

export interface ServeOptions {
  readonly reader: Reader;
  /** Read so often; undefined: when somebody asks. */
  readonly intervalMs: number | undefined;
  readonly addresses: readonly Address[];
  /** Names of a proxy or the like that requests may be for. */
  readonly allowedHosts: readonly string[];
}

export interface Running {
  /** As a browser takes them. */
  readonly urls: readonly string[];
  /** Takes no more requests, lets those under way end, at most for `graceMs`, and lets go of everything. */
  close(graceMs: number): Promise<void>;
}

/** @throws InputError where an address cannot be had; nothing is left open then */
export async function serve({ reader, intervalMs, addresses, allowedHosts }: ServeOptions): Promise<Running> {
  const collector = new Collector(reader, { intervalMs, reuseMs: REUSE_MS });
  const answers = new Map<number, number>();
  const own = (view: View): OwnNumbers => ({
    up: view.failure === undefined,
    watched: view.watched.length,
    omitted: view.omitted,
    unusable: view.unusable,
    ...collector.counts,
    lookSeconds: view.durationSec,
    answers,
    eventClients: 0,
    residentBytes: process.memoryUsage.rss(),
    cpuSeconds: seconds(process.cpuUsage()),
    startSeconds: performance.timeOrigin / 1000,
  });
  let ending = false;
  let isHostAllowed = hostCheck(true, allowedHosts);
  const app = createApp({
    collector,
    expositions: new Expositions(tslabVersion(), own),
    isHostAllowed: (host) => isHostAllowed(host),
    scheme: () => 'http',
    isEnding: () => ending,
    answers,
  });
  const servers: Server[] = [];
  const bound: AddressInfo[] = [];
  const close = async (graceMs: number) => {
    ending = true;
    await Promise.all(servers.map((server) => closed(server, graceMs)));
    collector.close();
  };
  try {
    for (const address of addresses) {
      const server = createHttpServer(app);
      servers.push(server);
      bound.push(await listenOn(server, address));
    }
  } catch (error) {
    await close(0);
    throw error;
  }
  isHostAllowed = hostCheck(
    bound.every(({ address }) => isLoopback(address)),
    allowedHosts,
  );
  return { urls: bound.map((address) => `http://${addressText(address)}/`), close };
}

function closed(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), graceMs);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    server.closeIdleConnections();
  });
}

function seconds({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1e6;
}
