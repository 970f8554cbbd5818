import { readFileSync } from 'node:fs';
import { createSecureContext, type SecureContextOptions, type SecureVersion } from 'node:tls';
import { FieldError } from './fields.ts';

/** tls_server_config, checked. */
export interface TlsConfig {
  readonly certFile: string;
  readonly keyFile: string;
  readonly clientAuth: ClientAuth;
  readonly clientCaFile: string;
  /** Names of OpenSSL; [] for its own choice. */
  readonly ciphers: readonly string[];
  readonly curves: readonly string[];
  readonly minVersion: SecureVersion;
  readonly maxVersion: SecureVersion;
  readonly preferServerCiphers: boolean;
}

/** What a client's certificate must be: asked for, there, and signed by client_ca_file. */
export interface ClientAuth {
  readonly request: boolean;
  readonly require: boolean;
  readonly verify: boolean;
}

const none = { request: false, require: false, verify: false };
const any = { request: true, require: true, verify: false };

/** Values of client_auth_type, as Go's crypto/tls names them. */
export const CLIENT_AUTH: Readonly<Record<string, ClientAuth>> = {
  '': none,
  NoClientCert: none,
  RequestClientCert: { request: true, require: false, verify: false },
  RequireAnyClientCert: any,
  RequireClientCert: any,
  VerifyClientCertIfGiven: { request: true, require: false, verify: true },
  RequireAndVerifyClientCert: { request: true, require: true, verify: true },
};

export const VERSIONS: Readonly<Record<string, SecureVersion>> = {
  TLS10: 'TLSv1',
  TLS11: 'TLSv1.1',
  TLS12: 'TLSv1.2',
  TLS13: 'TLSv1.3',
};

export const CURVES: Readonly<Record<string, string>> = {
  CurveP256: 'P-256',
  CurveP384: 'P-384',
  CurveP521: 'P-521',
  X25519: 'X25519',
};

/** Names of IANA, which the file bears, to those of OpenSSL. Those of TLS 1.3 are known and, as in Go, cannot be chosen. */
export const CIPHERS: Readonly<Record<string, string>> = {
  TLS_AES_128_GCM_SHA256: '',
  TLS_AES_256_GCM_SHA384: '',
  TLS_CHACHA20_POLY1305_SHA256: '',
  TLS_RSA_WITH_AES_128_CBC_SHA: 'AES128-SHA',
  TLS_RSA_WITH_AES_256_CBC_SHA: 'AES256-SHA',
  TLS_RSA_WITH_AES_128_GCM_SHA256: 'AES128-GCM-SHA256',
  TLS_RSA_WITH_AES_256_GCM_SHA384: 'AES256-GCM-SHA384',
  TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA: 'ECDHE-ECDSA-AES128-SHA',
  TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA: 'ECDHE-ECDSA-AES256-SHA',
  TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA: 'ECDHE-RSA-AES128-SHA',
  TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA: 'ECDHE-RSA-AES256-SHA',
  TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256: 'ECDHE-ECDSA-AES128-GCM-SHA256',
  TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384: 'ECDHE-ECDSA-AES256-GCM-SHA384',
  TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256: 'ECDHE-RSA-AES128-GCM-SHA256',
  TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384: 'ECDHE-RSA-AES256-GCM-SHA384',
  TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256: 'ECDHE-RSA-CHACHA20-POLY1305',
  TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256: 'ECDHE-ECDSA-CHACHA20-POLY1305',
};

const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/**
 * Reads the certificates.
 * @returns what Node's TLS takes, known to work together
 * @throws FieldError where a file cannot be read, or certificate and key do not match
 */
export function secureOptions(config: TlsConfig): SecureContextOptions {
  const { ciphers, curves, minVersion, maxVersion, preferServerCiphers } = config;
  const old = minVersion === 'TLSv1' || minVersion === 'TLSv1.1';
  const options: SecureContextOptions = {
    cert: contents(config.certFile),
    key: contents(config.keyFile),
    minVersion,
    maxVersion,
    honorCipherOrder: preferServerCiphers,
    ...(config.clientCaFile !== '' && { ca: contents(config.clientCaFile).match(PEM_CERTIFICATE) ?? [] }),
    ...(ciphers.length > 0 && { ciphers: ciphers.join(':') }),
    // OpenSSL has these old versions at no higher security level.
    ...(old && { ciphers: `${ciphers.length > 0 ? ciphers.join(':') : 'DEFAULT'}:@SECLEVEL=0` }),
    ...(curves.length > 0 && { ecdhCurve: curves.join(':') }),
  };
  try {
    createSecureContext(options);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new FieldError(`cert_file and key_file cannot be used: ${reason}`);
  }
  return options;
}

function contents(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new FieldError(`cannot read ${path}: ${error instanceof Error ? error.message.split(',')[0] : error}`);
  }
}
