import type { HttpBindings } from '@hono/node-server';
import type { Hono } from 'hono';
import type { Collector } from './collector.ts';
import type { Live } from './live.ts';
import type { Bodies } from './metrics.ts';
import type { Outstanding } from './outstanding.ts';
import type { Passwords } from './passwords.ts';
import type { WebConfig } from './web-config/read.ts';

/** What a request's handler sees of Node: the socket and the raw message. */
export type Env = { Bindings: HttpBindings };
export type App = Hono<Env>;

/** All that the routes share. */
export interface Services {
  readonly collector: Collector;
  readonly live: Live;
  readonly bodies: Bodies;
  readonly outstanding: Outstanding;
  readonly isHostAllowed: (host: string | undefined) => boolean;
  /** undefined while the file cannot be used: then nobody is let in. */
  readonly webConfig: () => WebConfig | undefined;
  readonly passwords: Passwords;
  readonly scheme: 'http' | 'https';
  /** Aborted when the server is asked to end. */
  readonly ending: AbortSignal;
  readonly answers: Map<number, number>;
}
