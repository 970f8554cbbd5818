import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type Node, parseAllDocuments } from 'yaml';
import { InputError } from '../../errors.ts';
import { FieldError, isNothing, members, text, texts, truth } from './fields.ts';
import { CIPHERS, CLIENT_AUTH, CURVES, type TlsConfig, VERSIONS } from './tls.ts';

/** What --web.config.file says: the format of Prometheus' exporter-toolkit. */
export interface WebConfig {
  /** undefined: plain HTTP. */
  readonly tls: TlsConfig | undefined;
  /** Set on every answer. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** User name to bcrypt hash; empty: no authentication. */
  readonly users: ReadonlyMap<string, string>;
}

/**
 * Checks everything but the certificates' contents. Paths in the file are relative to it.
 * @throws InputError that names what is wrong
 */
export function readWebConfig(path: string): WebConfig {
  try {
    return configOf(rootOf(readFileSync(path, 'utf8')), dirname(path));
  } catch (error) {
    throw badConfig(path, error);
  }
}

/** @returns an error for people where the file is at fault; any other as it came */
export function badConfig(path: string, error: unknown): unknown {
  if (error instanceof FieldError) return new InputError('bad-web-config', `${path}: ${error.message}`, HINT);
  if (error instanceof Error && 'syscall' in error)
    return new InputError('bad-web-config', `cannot read ${path}: ${error.message.split(',')[0]}`);
  return error;
}

const HINT = "'promtool check web-config' accepts the same files";

function rootOf(yaml: string): Node | null {
  // Every scalar stays a text: what it means depends on the field.
  const documents = parseAllDocuments(yaml, { schema: 'failsafe', uniqueKeys: true, strict: true });
  const [first] = 'empty' in documents ? [] : documents;
  const [problem] = first?.errors ?? [];
  if (problem) throw new FieldError(problem.message.split('\n')[0] ?? 'not YAML');
  return (first?.contents as Node | null | undefined) ?? null;
}

function configOf(root: Node | null, directory: string): WebConfig {
  const top = members(root, '', ['tls_server_config', 'http_server_config', 'basic_auth_users']);
  const http = members(top.get('http_server_config'), 'http_server_config', ['http2', 'headers']);
  truth(http.get('http2'), 'http2', true);
  return {
    tls: tlsOf(top.get('tls_server_config'), directory),
    headers: headersOf(http.get('headers')),
    users: usersOf(top.get('basic_auth_users')),
  };
}

const TLS_FIELDS = [
  'cert_file',
  'key_file',
  'client_auth_type',
  'client_ca_file',
  'cipher_suites',
  'curve_preferences',
  'min_version',
  'max_version',
  'prefer_server_cipher_suites',
];

function tlsOf(node: Node | null | undefined, directory: string): TlsConfig | undefined {
  const fields = members(node, 'tls_server_config', TLS_FIELDS);
  const path = (name: string) => {
    const given = text(fields.get(name), name);
    return given === '' ? '' : resolve(directory, given);
  };
  const version = (name: string, otherwise: keyof typeof VERSIONS) =>
    choice(VERSIONS, isNothing(fields.get(name)) ? otherwise : text(fields.get(name), name), name);
  const clientAuthType = text(fields.get('client_auth_type'), 'client_auth_type');
  const config = {
    certFile: path('cert_file'),
    keyFile: path('key_file'),
    clientCaFile: path('client_ca_file'),
    ciphers: texts(fields.get('cipher_suites'), 'cipher_suites')
      .map((name) => choice(CIPHERS, name, 'cipher_suites'))
      .filter((name) => name !== ''),
    curves: texts(fields.get('curve_preferences'), 'curve_preferences').map((name) =>
      choice(CURVES, name, 'curve_preferences'),
    ),
    minVersion: version('min_version', 'TLS12'),
    maxVersion: version('max_version', 'TLS13'),
    preferServerCiphers: truth(fields.get('prefer_server_cipher_suites'), 'prefer_server_cipher_suites', true),
  };
  if (config.certFile === '' && config.keyFile === '' && config.clientCaFile === '' && clientAuthType === '')
    return undefined;
  if (config.certFile === '') throw new FieldError('tls_server_config: cert_file is missing');
  if (config.keyFile === '') throw new FieldError('tls_server_config: key_file is missing');
  const clientAuth = choice(CLIENT_AUTH, clientAuthType, 'client_auth_type');
  if (config.clientCaFile !== '' && !clientAuth.request)
    throw new FieldError('tls_server_config: client_ca_file needs a client_auth_type that asks for certificates');
  return { ...config, clientAuth };
}

function choice<T>(known: Readonly<Record<string, T>>, name: string, field: string): T {
  const found = Object.hasOwn(known, name) ? known[name] : undefined;
  if (found !== undefined) return found;
  const names = Object.keys(known).filter((one) => one !== '');
  throw new FieldError(`${field}: expected one of ${names.join(', ')}, found ${JSON.stringify(name)}`);
}

/** What the toolkit lets people set; [] for any value. */
const HEADERS: Readonly<Record<string, readonly string[]>> = {
  'Strict-Transport-Security': [],
  'X-Content-Type-Options': ['nosniff'],
  'X-Frame-Options': ['deny', 'sameorigin'],
  'X-XSS-Protection': [],
  'Content-Security-Policy': [],
};

function headersOf(node: Node | null | undefined): [string, string][] {
  return [...members(node, 'headers', Object.keys(HEADERS))].map(([name, value]) => {
    const wanted = text(value, name);
    const allowed = HEADERS[name] ?? [];
    if (allowed.length > 0 && !allowed.includes(wanted))
      throw new FieldError(`${name}: expected ${allowed.join(' or ')}, found ${JSON.stringify(wanted)}`);
    if (/[^\t\x20-\x7e]/.test(wanted)) throw new FieldError(`${name}: expected one line of ASCII`);
    return [name, wanted];
  });
}

/** What Go's bcrypt takes for a hash: a version, a cost from 4 to 31, salt and sum of 53 characters. */
const BCRYPT = /^\$2[a-z]?\$(0[4-9]|[12]\d|3[01])\$.{53}/s;

function usersOf(node: Node | null | undefined): Map<string, string> {
  const users = new Map<string, string>();
  for (const [name, value] of members(node, 'basic_auth_users')) {
    const hash = text(value, name);
    if (!BCRYPT.test(hash))
      throw new FieldError(`basic_auth_users: the password of ${JSON.stringify(name)} is no bcrypt hash`);
    users.set(name, hash);
  }
  return users;
}
