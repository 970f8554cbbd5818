import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { SecureContextOptions, TLSSocket } from 'node:tls';
import { getRequestListener } from '@hono/node-server';
import { Connections } from './connections.ts';
import type { App } from './context.ts';
import type { TlsConfig } from './web-config/tls.ts';

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

/** A connection on which nothing has moved: the event stream says something every 15 seconds. */
const SILENT_MS = 65_000;

/** A client that does not finish its handshake. */
const HANDSHAKE_MS = 5_000;

export interface WebServer {
  readonly server: Server;
  /** Takes no more connections; returns when the requests under way have been answered, or after `graceMs` */
  close(graceMs: number): Promise<void>;
}

/**
 * @param tls plain HTTP where it is undefined
 * @returns a server that is not listening yet, with limits on what a client may take up
 */
export function createWebServer(app: App, tls?: { config: TlsConfig; secure: SecureContextOptions }): WebServer {
  const listener = getRequestListener(app.fetch, { overrideGlobalObjects: false, hostname: 'localhost' });
  const server = tls ? createTlsServer(tls.config, tls.secure, listener) : createServer(LIMITS, listener);
  server.maxHeadersCount = 100;
  server.timeout = SILENT_MS;
  const connections = new Connections(server, MOST_CONNECTIONS);
  return { server, close: (graceMs) => closed(server, connections, graceMs) };
}

function closed(server: Server, connections: Connections, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), graceMs);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    connections.end();
  });
}

function createTlsServer({ clientAuth }: TlsConfig, secure: SecureContextOptions, listener: RequestListener): Server {
  const { request, require, verify } = clientAuth;
  const server = createSecureServer(
    {
      ...LIMITS,
      ...secure,
      handshakeTimeout: HANDSHAKE_MS,
      requestCert: request,
      rejectUnauthorized: require && verify,
    },
    listener,
  );
  server.on('secureConnection', (socket: TLSSocket) => {
    const given = Object.keys(socket.getPeerCertificate() ?? {}).length > 0;
    if ((require && !given) || (verify && given && !socket.authorized)) socket.destroy();
  });
  return server;
}
