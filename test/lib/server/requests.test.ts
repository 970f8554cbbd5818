import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseAddress } from '../../../src/lib/server/address.ts';
import { credentials } from '../../../src/lib/server/auth.ts';
import { targetGroups } from '../../../src/lib/server/discovery.ts';
import { hostCheck, isLoopback } from '../../../src/lib/server/hosts.ts';
import { acceptsGzip, formatFor } from '../../../src/lib/server/negotiate.ts';
import { fitting, watchedOf } from '../../../src/lib/server/view.ts';
import { hostileText } from '../../hostile-text.ts';

const range = (type: string, q = 1, params: Record<string, string> = {}) => ({ type, q, params });

test('the format is the one liked best of those we write, text where nobody says', () => {
  expect(formatFor([])).toBe('text');
  expect(formatFor([range('application/openmetrics-text', 0.5), range('text/plain', 0.6)])).toBe('text');
  expect(formatFor([range('application/openmetrics-text', 0.5), range('text/plain', 0.4)])).toBe('openmetrics');
  expect(formatFor([range('application/openmetrics-text', 1, { version: '0.0.1' }), range('text/plain', 0.1)])).toBe(
    'text',
  );
  expect(formatFor([range('*/*', 1), range('application/openmetrics-text', 0.9)])).toBe('text');
  expect([
    acceptsGzip([]),
    acceptsGzip([range('gzip', 0)]),
    acceptsGzip([range('*')]),
    acceptsGzip([range('*'), range('gzip', 0)]),
  ]).toEqual([false, false, true, false]);
});

describe('hosts', () => {
  test('a server for this machine alone answers to names of this machine alone, whatever a page invents', () => {
    const isAllowed = hostCheck(true, ['proxy.example']);
    for (const host of [
      'localhost',
      'LOCALHOST:1',
      'a.localhost:80',
      '127.0.0.1:9917',
      '127.9.9.9',
      '[::1]:1',
      'proxy.example:443',
    ])
      expect([host, isAllowed(host)]).toEqual([host, true]);
    for (const host of [
      undefined,
      '',
      'evil',
      'localhost.evil',
      'evil:80@localhost',
      '127.0.0.1.evil',
      'localhost/',
      'localhost\n',
      '0.0.0.0',
      '[::1',
      'localhost:999999',
    ])
      expect([host, isAllowed(host)]).toEqual([host, false]);
  });

  test('a server for others answers to any name that is one, unless names were given', () => {
    expect([
      hostCheck(false, [])('slab.example:9917'),
      hostCheck(false, [])('a b'),
      hostCheck(false, ['x'])('slab.example'),
    ]).toEqual([true, false, false]);
  });

  test.each([
    ['127.0.0.1', true],
    ['127.1.2.3', true],
    ['::1', true],
    ['::ffff:127.0.0.1', true],
    ['0.0.0.0', false],
    ['::', false],
    ['10.0.0.1', false],
  ])('%s', (address, local) => {
    expect(isLoopback(address)).toBe(local);
  });
});

test('addresses are read as exporters write them', () => {
  expect(parseAddress('127.0.0.1:9917')).toEqual({ host: '127.0.0.1', port: 9917 });
  expect(parseAddress('[::1]:0')).toEqual({ host: '::1', port: 0 });
  expect(parseAddress(':9917')).toEqual({ host: undefined, port: 9917 });
  expect(parseAddress('slab.example:1')).toEqual({ host: 'slab.example', port: 1 });
  for (const text of ['', '9917', 'localhost', 'localhost:', '::1:9917', 'a:65536', 'a:-1', 'a:1 ', 'http://a:1'])
    expect(() => parseAddress(text)).toThrow('--web.listen-address');
});

test('credentials are those of RFC 7617, and nothing else is one', () => {
  fc.assert(
    fc.property(
      fc.string().filter((user) => !user.includes(':')),
      fc.string(),
      (user, password) => {
        const bytes = Buffer.from(`${user}:${password}`);
        expect(credentials(`Basic ${bytes.toString('base64')}`)).toEqual({
          user: bytes.toString().split(':')[0],
          password: bytes.toString().slice(bytes.toString().indexOf(':') + 1),
        });
      },
    ),
  );
  for (const header of [undefined, '', 'Basic', 'Basic ?', 'Bearer YTpi', 'Basic YQ=='])
    expect(credentials(header)).toBe(undefined);
});

test('what a program says of itself is harmless in ids, targets and questions', () => {
  fc.assert(
    fc.property(hostileText(), hostileText(), hostileText(), (command, name, instance) => {
      const watched = watchedOf(
        { pid: 42, classes: [], process: { command, name, live: true }, allocator: { instance } },
        '{}',
      );
      expect(watched.id).toMatch(/^[A-Za-z0-9-]{1,64}$/);
      const [group] = targetGroups([watched], 'localhost:1', 'http');
      expect(JSON.stringify(group?.labels)).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      expect(group?.labels['process']).toBe(watched.id);
      expect(fitting([watched], { pid: '42' })).toHaveLength(1);
      expect(fitting([watched], { pid: '042' })).toHaveLength(0);
      expect(fitting([watched], { instance: group?.labels['__param_instance'] })).toHaveLength(1);
    }),
  );
});
