import { authenticate } from './auth.ts';
import type { App, Services } from './context.ts';

/** Nothing but what we serve ourselves runs or loads on our pages. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': POLICY,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'deny',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cache-control': 'no-store',
};

/** What every request must pass: counted, answered with safe headers, GET or HEAD without a body, for a host that is ours, by a user who may. */
export function guard(app: App, { isHostAllowed, answers, webConfig, passwords }: Services): void {
  app.use(async (c, next) => {
    await next();
    answers.set(c.res.status, (answers.get(c.res.status) ?? 0) + 1);
    const configured = webConfig()?.headers ?? [];
    for (const [name, value] of [...Object.entries(HEADERS), ...configured]) c.res.headers.set(name, value);
  });
  app.use(async (c, next) => {
    if (c.req.method !== 'GET' && c.req.method !== 'HEAD')
      return c.text('only GET and HEAD\n', 405, { allow: 'GET, HEAD', connection: 'close' });
    const { 'content-length': length, 'transfer-encoding': encoding } = c.env.incoming.headers;
    if ((length !== undefined && length !== '0') || encoding !== undefined)
      return c.text('a request here has no body\n', 413, { connection: 'close' });
    // A page that would misuse a name of ours has no password.
    if (webConfig()?.users.size === 0 && !isHostAllowed(c.req.header('host')))
      return c.text('not a name of this server; --web.allowed-host lets it in\n', 421);
    return next();
  });
  // Before authentication: who asks whether we live needs no password.
  app.get('/-/healthy', (c) => c.text('tslab is healthy.\n'));
  app.use(async (c, next) => {
    const config = webConfig();
    if (!config) return c.text('the web configuration cannot be used\n', 500);
    return (config.users.size > 0 && (await authenticate(c, config.users, passwords))) || next();
  });
}
