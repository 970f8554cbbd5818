import { createServer, type Server, type ServerOptions } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { boundConnections } from './connections.ts';
import type { App } from './context.ts';

/** Above what 200 scrapers and a few pages need; a connection without a request costs some 20 KB. */
const MOST_CONNECTIONS = 512;

/** A request is a line and a few headers: who needs longer, or more, is no client of ours. */
const LIMITS: ServerOptions = {
  headersTimeout: 5_000,
  requestTimeout: 5_000,
  connectionsCheckingInterval: 1_000,
  keepAliveTimeout: 60_000,
  maxHeaderSize: 16 * 1024,
};

/** @returns a server that is not listening yet, with limits on what a client may take up */
export function createHttpServer(app: App): Server {
  const server = createServer(LIMITS, requestListener(app));
  bound(server);
  return server;
}

/** @returns app as Node calls it; an error that it did not expect is answered with 500 and told to nobody outside */
export function requestListener(app: App) {
  return getRequestListener(app.fetch, { overrideGlobalObjects: false, hostname: 'localhost' });
}

export function bound(server: Server): void {
  server.maxHeadersCount = 100;
  server.maxRequestsPerSocket = 0;
  boundConnections(server, MOST_CONNECTIONS);
}
