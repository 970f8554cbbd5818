import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect as tlsConnect } from 'node:tls';
import { hashSync } from 'bcryptjs';
import { beforeAll, expect, test } from 'vitest';
import { fixturePath } from '../fixtures.ts';
import { makeCertificates } from './certificates.ts';
import { sample, serving } from './serving.ts';
import { PATIENT } from './waiting.ts';

const { directory, serve } = serving();
const hash = hashSync('secret', 10);
beforeAll(() => makeCertificates(directory));

let written = 0;
/** @returns the path of a file that promtool accepts as well */
function webConfig(yaml: string): string {
  const path = join(directory, `web-${written++}.yml`);
  writeFileSync(path, yaml);
  expect(spawnSync('promtool', ['check', 'web-config', path]).status).toBe(0);
  return path;
}
const curl = (...args: string[]): SpawnSyncReturns<string> =>
  spawnSync('curl', ['-sS', '--max-time', '20', ...args], { encoding: 'utf8', cwd: directory });
const status = (...args: string[]) => curl('-o', '/dev/null', '-w', '%{http_code}', ...args).stdout;
const tls = (more = '') => `tls_server_config:\n  cert_file: server.pem\n  key_file: server.key\n${more}`;
const ca = ['--cacert', 'ca.pem'];

test('TLS, with a user and the headers that were asked for', async () => {
  const { url } = await serve(
    fixturePath('generation-7.json'),
    '--web.config.file',
    webConfig(
      `${tls()}http_server_config:\n  headers:\n    Strict-Transport-Security: max-age=99\nbasic_auth_users:\n  alice: ${hash}\n`,
    ),
  );
  expect(url).toMatch(/^https:/);
  expect(status(...ca, `${url}/metrics`)).toBe('401');
  expect(status(...ca, '-u', 'alice:secret', `${url}/metrics`)).toBe('200');
  expect(status(...ca, '-u', 'alice:Secret', `${url}/metrics`)).toBe('401');
  expect(status(...ca, '-u', 'bob:secret', `${url}/metrics`)).toBe('401');
  expect(status(...ca, '-u', 'alice:', `${url}/metrics`)).toBe('401');
  for (const header of [
    'Basic',
    'Basic !!!!',
    'Bearer abc',
    'Basic YWxpY2U=',
    `Basic ${Buffer.from(`alice:${'x'.repeat(4000)}`).toString('base64')}`,
  ])
    expect(status(...ca, '-H', `Authorization: ${header}`, `${url}/metrics`)).toBe('401');
  // Health needs no password, everything else does.
  expect(status(...ca, `${url}/-/healthy`)).toBe('200');
  for (const path of ['/', '/events', '/sd', '/snapshot', '/page.js', '/-/ready', '/nothing'])
    expect([path, status(...ca, `${url}${path}`)]).toEqual([path, '401']);
  expect(curl(...ca, '-D', '-', '-o', '/dev/null', '-u', 'alice:secret', `${url}/`).stdout.toLowerCase()).toContain(
    'strict-transport-security: max-age=99',
  );
  expect(curl(`${url}/metrics`).status).not.toBe(0);
  expect(curl(url.replace('https', 'http')).status).not.toBe(0);
  const groups = JSON.parse(curl(...ca, '-u', 'alice:secret', `${url}/sd`).stdout) as {
    labels: Record<string, string>;
  }[];
  expect(groups[0]?.labels['__scheme__']).toBe('https');
});

/** Which certificates a policy lets in: none, one of our CA, one of another. */
test.each([
  ['NoClientCert', '', [true, true, true]],
  ['RequestClientCert', 'client_ca_file: ca.pem', [true, true, true]],
  ['RequireAnyClientCert', '', [false, true, true]],
  ['VerifyClientCertIfGiven', 'client_ca_file: ca.pem', [true, true, false]],
  ['RequireAndVerifyClientCert', 'client_ca_file: ca.pem', [false, true, false]],
])('%s', async (type, more, expected) => {
  const { url } = await serve(
    fixturePath('generation-7.json'),
    '--web.config.file',
    webConfig(tls(`  client_auth_type: ${type}\n  ${more}\n`)),
  );
  const cert = (name: string) => ['--cert', `${name}.pem`, '--key', `${name}.key`];
  const got = [[], cert('client'), cert('stranger')].map((args) => status(...ca, ...args, `${url}/-/ready`) === '200');
  expect(got).toEqual(expected);
});

test('versions and ciphers are as the file says', async () => {
  const { url } = await serve(
    fixturePath('generation-7.json'),
    '--web.config.file',
    webConfig(tls('  min_version: TLS13\n')),
  );
  expect(status(...ca, '--tls-max', '1.2', `${url}/-/healthy`)).toBe('000');
  expect(status(...ca, '--tlsv1.3', `${url}/-/healthy`)).toBe('200');
  const old = await serve(
    fixturePath('generation-7.json'),
    '--web.config.file',
    webConfig(
      tls(
        '  max_version: TLS12\n  cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384]\n  curve_preferences: [CurveP384]\n',
      ),
    ),
  );
  expect(status(...ca, '--tlsv1.3', `${old.url}/-/healthy`)).toBe('000');
  const { hostname, port } = new URL(old.url);
  const socket = tlsConnect({ host: hostname, port: Number(port), rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  expect([socket.getCipher().name, (socket.getEphemeralKeyInfo() as { name?: string }).name]).toEqual([
    'ECDHE-ECDSA-AES256-GCM-SHA384',
    'secp384r1',
  ]);
  socket.destroy();
});

test('a renewed certificate and a new password count without a restart; a broken file lets nobody in', async () => {
  for (const kind of ['pem', 'key'])
    copyFileSync(join(directory, `server.${kind}`), join(directory, `current.${kind}`));
  const yaml = (users: string) =>
    `tls_server_config:\n  cert_file: current.pem\n  key_file: current.key\nbasic_auth_users:\n  alice: ${users}\n`;
  const path = webConfig(yaml(hash));
  const { url, said } = await serve(fixturePath('generation-7.json'), '--web.config.file', path);
  const subject = () => /subject: (.*)/.exec(curl('-v', ...ca, `${url}/-/healthy`).stderr)?.[1];
  const login = (password: string) => status(...ca, '-u', `alice:${password}`, `${url}/metrics`);
  expect([subject(), login('secret')]).toEqual(['CN=server', '200']);
  for (const kind of ['pem', 'key'])
    copyFileSync(join(directory, `renewed.${kind}`), join(directory, `current.${kind}`));
  await expect.poll(subject, PATIENT).toBe('CN=renewed');
  writeFileSync(path, yaml(hashSync('changed', 10)));
  await expect.poll(() => login('changed'), PATIENT).toBe('200');
  expect(login('secret')).toBe('401');
  writeFileSync(path, 'no: config\n');
  await expect.poll(() => login('changed'), PATIENT).toBe('500');
  await expect.poll(said, PATIENT).toContain('no field is called "no"');
  writeFileSync(path, yaml(hash));
  await expect.poll(() => login('secret'), PATIENT).toBe('200');
});

test.each([
  ['client certificates', tls(), tls('  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.pem\n')],
  ['less of client certificates', tls('  client_auth_type: RequireAnyClientCert\n'), tls()],
  ['TLS', 'http_server_config:\n  http2: true\n', tls()],
  ['no TLS', tls(), 'http_server_config:\n  http2: true\n'],
])('a file that now asks for %s needs a restart: until then nobody is let in', async (_, before, after) => {
  const path = webConfig(before);
  const { url, said } = await serve(fixturePath('generation-7.json'), '--web.config.file', path);
  const client = [...ca, '--cert', 'client.pem', '--key', 'client.key'];
  expect(status(...client, `${url}/metrics`)).toBe('200');
  writeFileSync(path, after);
  await expect.poll(() => status(...client, `${url}/metrics`), PATIENT).toBe('500');
  await expect.poll(said, PATIENT).toContain('until it is restarted');
  expect(said()).not.toContain('read anew');
  expect(status(...client, `${url}/-/healthy`)).toBe('200');
  writeFileSync(path, before);
  await expect.poll(() => status(...client, `${url}/metrics`), PATIENT).toBe('200');
});

test('who guesses passwords keeps nobody waiting who knows one', async () => {
  const { url } = await serve(
    fixturePath('generation-7.json'),
    '--web.config.file',
    webConfig(`basic_auth_users:\n  alice: ${hashSync('secret', 10)}\n`),
  );
  expect(status('-u', 'alice:secret', `${url}/metrics`)).toBe('200');
  const guesses = Array.from({ length: 100 }, async (_, i) => {
    const headers = { authorization: `Basic ${Buffer.from(`alice:guess${i}`).toString('base64')}` };
    return (await fetch(`${url}/metrics`, { headers })).status;
  });
  // All of the hashes that a hundred guesses need take far longer than this one answer may.
  const headers = { authorization: `Basic ${Buffer.from('alice:secret').toString('base64')}` };
  const first = await Promise.race([
    fetch(`${url}/metrics`, { headers }).then(() => 'who knows'),
    Promise.all(guesses).then(() => 'who guesses'),
  ]);
  expect(first).toBe('who knows');
  const answers = await Promise.all(guesses);
  expect([...new Set(answers)].sort()).toEqual([401, 503]);
  const metrics = await (await fetch(`${url}/metrics`, { headers })).text();
  expect(sample(metrics, 'tslab_http_responses_total{code="503"}')).toBeGreaterThan(0);
});
