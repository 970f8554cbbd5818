import { isIP } from 'node:net';

/** Names by which a machine calls itself. */
const LOCAL = /^(localhost|.*\.localhost|127(\.\d{1,3}){3}|\[::1\])$/i;

/** A host and a port as they stand in a URL; nothing else may be reflected. */
const HOST = /^([A-Za-z0-9_.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(:\d{1,5})?$/;

/**
 * Whose requests are answered. A web page anywhere may make its visitor's browser ask a name that leads to 127.0.0.1 (DNS rebinding): a server that
 * only this machine can reach answers only to names of this machine.
 * @param local all addresses listened on are loopback addresses
 * @param more further names, of a proxy for instance; a server for others answers to any name as long as none is given
 */
export function hostCheck(local: boolean, more: readonly string[]): (host: string | undefined) => boolean {
  const named = new Set(more.map((name) => name.toLowerCase()));
  return (host) => {
    const name = HOST.exec(host ?? '')?.[1]?.toLowerCase();
    return name !== undefined && (LOCAL.test(name) || named.has(name) || (!local && named.size === 0));
  };
}

/** @param address as net.Server says it */
export function isLoopback(address: string): boolean {
  return isIP(address) === 4 ? address.startsWith('127.') : address === '::1' || address.startsWith('::ffff:127.');
}
