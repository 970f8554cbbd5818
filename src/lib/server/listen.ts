import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { InputError, systemErrorCode } from '../errors.ts';
import type { Address } from './address.ts';

/** Connections that wait while others are being answered; the system's own limit may be lower. */
const BACKLOG = 1024;

/**
 * @returns the address that is listened on; its port is known even where any was asked for
 * @throws InputError where it cannot be had
 */
export async function listenOn(server: Server, { host, port }: Address): Promise<AddressInfo> {
  server.listen({ port, backlog: BACKLOG, ...(host !== undefined && { host }) });
  try {
    await once(server, 'listening');
  } catch (error) {
    const code = systemErrorCode(error) ?? '';
    const reason = REASONS[code] ?? code;
    throw new InputError('cannot-listen', `cannot listen on ${host ?? ''}:${port}: ${reason}`, HINTS[code]);
  }
  return server.address() as AddressInfo;
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the address is in use',
  EADDRNOTAVAIL: 'this machine has no such address',
  EACCES: 'permission denied',
  ENOTFOUND: 'no such host',
};
const HINTS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another port: --web.listen-address 127.0.0.1:0 takes one that is free',
  EACCES: 'ports below 1024 are for root',
};

/** @returns what a client writes: `127.0.0.1:9917`, `[::1]:9917` */
export function addressText({ address, family, port }: AddressInfo): string {
  return `${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}
