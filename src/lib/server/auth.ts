import type { Context } from 'hono';
import type { Env } from './context.ts';
import { Busy, type Passwords } from './passwords.ts';

/** @returns user and password of an Authorization header (RFC 7617), or undefined */
export function credentials(header: string | undefined): { user: string; password: string } | undefined {
  const [, encoded] = /^basic +([A-Za-z0-9+/=]+) *$/i.exec(header ?? '') ?? [];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon === -1 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** Longer ones are nobody's, and bcrypt reads 72 bytes. */
const LONGEST = 1024;

/**
 * @param users name to bcrypt hash
 * @returns undefined where the request may pass, else the answer
 */
export async function authenticate(
  c: Context<Env>,
  users: ReadonlyMap<string, string>,
  passwords: Passwords,
): Promise<Response | undefined> {
  const given = credentials(c.req.header('authorization'));
  const [anyHash = ''] = users.values();
  if (given && given.password.length <= LONGEST && given.user.length <= LONGEST) {
    const hash = users.get(given.user);
    // An unknown user takes as long as a known one.
    const right = await passwords.isRight(given.user, hash ?? anyHash, given.password).catch((error: unknown) => error);
    if (right instanceof Busy) return c.text('too many passwords to check\n', 503, { 'retry-after': '1' });
    if (right instanceof Error) throw right;
    if (right === true && hash !== undefined) return undefined;
  }
  return c.text('a user name and a password are needed\n', 401, {
    'www-authenticate': 'Basic realm="tslab", charset="UTF-8"',
  });
}
