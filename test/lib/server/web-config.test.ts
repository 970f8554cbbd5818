import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hashSync } from 'bcryptjs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { InputError } from '../../../src/lib/errors.ts';
import { readWebConfig } from '../../../src/lib/server/web-config/read.ts';
import { CIPHERS, CLIENT_AUTH, CURVES, VERSIONS } from '../../../src/lib/server/web-config/tls.ts';
import { WatchedConfig } from '../../../src/lib/server/web-config/watched.ts';
import { makeCertificates } from '../../e2e/certificates.ts';

const directory = mkdtempSync(join(tmpdir(), 'tslab-web-config-'));
beforeAll(() => {
  makeCertificates(directory);
  writeFileSync(join(directory, 'garbage.pem'), 'no certificate\n');
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const hash = hashSync('secret', 4);
const pair = 'cert_file: server.pem\n  key_file: server.key';
const tls = (more = '') => `tls_server_config:\n  ${pair}\n${more}`;

/** A file, and whether it can be used. promtool must think the same. */
const CASES: [name: string, yaml: string, good: boolean][] = [
  ['nothing', '', true],
  ['a comment', '# none\n', true],
  ['null', '~\n', true],
  ['a list', '- a\n', false],
  ['a text', 'hello\n', false],
  ['not YAML', 'a: [\n', false],
  ['a tab as indentation', 'tls_server_config:\n\tcert_file: x\n', false],
  ['an unknown field', 'tls_config: {}\n', false],
  ['an unknown field of TLS', tls('  certificate: x\n'), false],
  ['a field twice', 'basic_auth_users: {}\nbasic_auth_users: {}\n', false],
  ['empty sections', 'tls_server_config:\nhttp_server_config:\nbasic_auth_users:\n', true],
  ['certificate and key', tls(), true],
  ['key that does not match', 'tls_server_config: {cert_file: server.pem, key_file: client.key}\n', false],
  ['certificate that is none', 'tls_server_config: {cert_file: garbage.pem, key_file: server.key}\n', false],
  ['certificate that is not there', 'tls_server_config: {cert_file: nowhere.pem, key_file: server.key}\n', false],
  ['certificate alone', 'tls_server_config: {cert_file: server.pem}\n', false],
  ['key alone', 'tls_server_config: {key_file: server.key}\n', false],
  ['client authentication alone', 'tls_server_config: {client_auth_type: RequireAnyClientCert}\n', false],
  ['a version alone is no TLS', 'tls_server_config: {min_version: TLS13}\n', true],
  ['client CA without a policy', tls('  client_ca_file: ca.pem\n'), false],
  ['client CA and NoClientCert', tls('  client_ca_file: ca.pem\n  client_auth_type: NoClientCert\n'), false],
  ['client CA that is not there', tls('  client_ca_file: nowhere\n  client_auth_type: RequestClientCert\n'), false],
  [
    'client CA that is none',
    tls('  client_ca_file: garbage.pem\n  client_auth_type: RequireAndVerifyClientCert\n'),
    true,
  ],
  ['an unknown policy', tls('  client_auth_type: Sometimes\n'), false],
  ...Object.keys(CLIENT_AUTH).map((type): [string, string, boolean] => [
    `client_auth_type ${JSON.stringify(type)}`,
    tls(`  client_auth_type: ${JSON.stringify(type)}\n`),
    true,
  ]),
  ...Object.keys(VERSIONS).map((version): [string, string, boolean] => [
    version,
    tls(`  min_version: ${version}\n`),
    true,
  ]),
  ['an unknown version', tls('  min_version: "1.2"\n'), false],
  ['a version that is nothing', tls('  min_version:\n'), true],
  ['a quoted empty version', tls('  min_version: ""\n'), false],
  ['TLS12 at most', tls('  max_version: TLS12\n'), true],
  ...Object.keys(CIPHERS).map((name): [string, string, boolean] => [name, tls(`  cipher_suites: [${name}]\n`), true]),
  ['an unknown cipher', tls('  cipher_suites: [TLS_RSA_WITH_RC4_128_SHA]\n'), false],
  ['no ciphers', tls('  cipher_suites: []\n'), true],
  ['a cipher that is no list', tls('  cipher_suites: TLS_RSA_WITH_AES_128_CBC_SHA\n'), false],
  ...Object.keys(CURVES).map((name): [string, string, boolean] => [
    name,
    tls(`  curve_preferences: [${name}]\n`),
    true,
  ]),
  ['an unknown curve', tls('  curve_preferences: [X448]\n'), false],
  ['truth as YAML 1.1 has it', tls('  prefer_server_cipher_suites: no\n'), true],
  ['truth in quotation marks', tls('  prefer_server_cipher_suites: "true"\n'), false],
  ['truth that is a number', tls('  prefer_server_cipher_suites: 1\n'), false],
  ['no HTTP/2', 'http_server_config: {http2: false}\n', true],
  ['HTTP/2 of a sort', 'http_server_config: {http2: maybe}\n', false],
  [
    'headers',
    'http_server_config:\n  headers:\n    X-Frame-Options: sameorigin\n    X-Content-Type-Options: nosniff\n    Strict-Transport-Security: max-age=1\n    X-XSS-Protection: 1\n    Content-Security-Policy: x\n',
    true,
  ],
  ['a header in small letters', 'http_server_config: {headers: {x-frame-options: deny}}\n', false],
  ['a header of their own', 'http_server_config: {headers: {X-Powered-By: us}}\n', false],
  ['a value that the header has not', 'http_server_config: {headers: {X-Frame-Options: DENY}}\n', false],
  ['an empty header', 'http_server_config: {headers: {X-Content-Type-Options: ""}}\n', false],
  ['a user', `basic_auth_users:\n  alice: ${hash}\n`, true],
  ['users with odd names', `basic_auth_users:\n  "": ${hash}\n  1: ${hash}\n  yes: ${hash}\n`, true],
  ['a user twice', `basic_auth_users:\n  alice: ${hash}\n  alice: ${hash}\n`, false],
  ['$2y$', `basic_auth_users:\n  alice: ${hash.replace(/^\$2.\$/, '$2y$')}\n`, true],
  ['a password that is not hashed', 'basic_auth_users: {alice: secret}\n', false],
  ['no password', 'basic_auth_users: {alice: }\n', false],
  ['a hash that was cut', `basic_auth_users: {alice: "${hash.slice(0, 50)}"}\n`, false],
  ['a cost below 4', `basic_auth_users: {alice: "${hash.replace('$04$', '$03$')}"}\n`, false],
  ['a cost above 31', `basic_auth_users: {alice: "${hash.replace('$04$', '$32$')}"}\n`, false],
  ['users in a list', `basic_auth_users: [alice]\n`, false],
];

test.each(CASES)('%s', (name, yaml, good) => {
  const path = join(directory, 'web.yml');
  writeFileSync(path, yaml);
  let ours: unknown;
  try {
    new WatchedConfig(path, () => {}).close();
  } catch (error) {
    ours = error;
  }
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'web-config', path], { encoding: 'utf8' });
  expect({ name, promtool: status === 0, said: good ? '' : `${stdout}${stderr}` && '…' }).toEqual({
    name,
    promtool: good,
    said: good ? '' : '…',
  });
  expect(ours === undefined || ours instanceof InputError).toBe(true);
  expect({ name, tslab: ours === undefined, why: good ? ours : undefined }).toEqual({
    name,
    tslab: good,
    why: undefined,
  });
});

test('a file that is not there', () => {
  expect(() => readWebConfig(join(directory, 'none.yml'))).toThrow(InputError);
});
