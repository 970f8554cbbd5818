import { type Context, Hono } from 'hono';
import { accepts } from 'hono/accepts';
import { FORMATS, type Format } from '../render/prometheus/exposition.ts';
import { forTerminal } from '../render/safe-text.ts';
import { servePage } from './assets.ts';
import type { App, Env, Services } from './context.ts';
import { targetGroups } from './discovery.ts';
import { events } from './events.ts';
import { guard } from './guard.ts';
import { type Accept, acceptsGzip, formatFor } from './negotiate.ts';
import { pieces } from './outstanding.ts';
import { fitting, type Question, type View, type Watched } from './view.ts';

/** @returns the routes; what comes before all of them is in guard.ts */
export function createApp(services: Services): App {
  const { collector, bodies, outstanding, scheme, ending } = services;
  const app = new Hono<Env>();
  guard(app, services);

  app.get('/-/ready', async (c) => {
    const view = await collector.current();
    const ready = view.failure === undefined && !ending.aborted;
    return c.text(ready ? 'tslab is ready.\n' : 'tslab is not ready.\n', ready ? 200 : 503);
  });

  app.get('/metrics', async (c) => {
    const { view, watched, key } = await asked(c, collector.current());
    if (watched === undefined) return view.failure === undefined ? unknown(c) : unreadable(c, view.failure);
    const format = accepts(c, {
      header: 'Accept',
      supports: [...FORMATS],
      default: 'text',
      match: formatFor,
    }) as Format;
    const zipped = accepts(c, { header: 'Accept-Encoding', supports: [], default: '', match: gzipFor }) === 'gzip';
    const { bytes, contentType } = await bodies.exposition(view, watched, key, format, zipped);
    return send(c, bytes, {
      'content-type': contentType,
      vary: 'Accept, Accept-Encoding',
      ...(zipped && { 'content-encoding': 'gzip' }),
    });
  });

  app.get('/snapshot', async (c) => {
    const { view, watched, key } = await asked(c, collector.current());
    if (view.failure !== undefined) return unreadable(c, view.failure);
    if (watched === undefined) return unknown(c);
    const { bytes, contentType } = bodies.snapshots(view, watched, key);
    return send(c, bytes, { 'content-type': contentType });
  });

  app.get('/sd', async (c) => {
    const { view, watched } = await asked(c, collector.current());
    // Prometheus keeps the targets it knows: an empty list would say that there are none.
    if (view.failure !== undefined) return unreadable(c, view.failure);
    return c.json(targetGroups(watched ?? [], c.req.header('host') ?? '', scheme));
  });

  app.get('/events', (c) => events(c, services));
  servePage(app);
  app.notFound((c) => c.text('not found\n', 404));
  return app;

  function send(c: Context<Env>, bytes: Buffer, headers: Record<string, string>) {
    if (!outstanding.hold(bytes, c.env.outgoing))
      return c.text('too many answers wait to be read\n', 503, { 'retry-after': '1' });
    return c.body(pieces(bytes), 200, { ...headers, 'content-length': String(bytes.length) });
  }
}

/** @returns the processes that the URL asks for; undefined where it names one that is not known */
async function asked(
  c: Context<Env>,
  current: Promise<View>,
): Promise<{ view: View; watched: readonly Watched[] | undefined; key: string }> {
  const view = await current;
  const question: Question = { pid: c.req.query('pid'), instance: c.req.query('instance'), name: c.req.query('name') };
  if (Object.values(question).every((value) => value === undefined)) return { view, watched: view.watched, key: '' };
  const watched = fitting(view.watched, question);
  // Named by what was found, never by what was asked: what is asked may be anything.
  return { view, watched: watched.length > 0 ? watched : undefined, key: watched.map(({ id }) => id).join(' ') };
}

function unknown(c: Context<Env>) {
  return c.text('no such process among those that are shown\n', 404);
}

/** Nobody knows now whether what is asked for is there. */
function unreadable(c: Context<Env>, failure: string) {
  return c.text(`${forTerminal(failure)}\n`, 503);
}

function gzipFor(accepted: readonly Accept[]): string {
  return acceptsGzip(accepted) ? 'gzip' : '';
}
