import { UsageError } from '../errors.ts';

export interface Address {
  /** undefined: all addresses of this machine. */
  readonly host: string | undefined;
  /** 0: any that is free. */
  readonly port: number;
}

/**
 * @param text as exporters take it: `127.0.0.1:9917`, `[::1]:9917`, `:9917` for all addresses
 * @throws UsageError
 */
export function parseAddress(text: string): Address {
  const [, bracketed, plain, digits] = /^(?:\[([0-9A-Fa-f:.%a-z]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65535)
    throw new UsageError(
      'bad-address',
      `--web.listen-address: not HOST:PORT: ${JSON.stringify(text)}`,
      '127.0.0.1:9917, [::1]:9917, or :9917 for all addresses',
    );
  return { host: bracketed ?? (plain === '' ? undefined : plain), port };
}
