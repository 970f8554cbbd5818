import { setTimeout as sleep } from 'node:timers/promises';

export interface Found {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: number;
}

/** An instant query of Prometheus, or of whatever speaks its language. @throws with the server's words for one it refuses */
export async function query(server: string, expression: string): Promise<Found[]> {
  const answer = await fetch(`http://${server}/api/v1/query?query=${encodeURIComponent(expression)}`);
  const body = (await answer.json()) as {
    error?: string;
    data?: { resultType: string; result: { metric: Record<string, string>; value: [number, string] }[] };
  };
  if (!answer.ok || !body.data) throw new Error(`${expression}: ${body.error ?? answer.status}`);
  return body.data.result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }));
}

/** Asks again until it holds. @throws after `seconds`, with what was last seen */
export async function until<T>(
  seconds: number,
  look: () => Promise<T | undefined | false>,
  seen = () => '',
): Promise<T> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Error(`not within ${seconds} s ${seen()}`);
    await sleep(500);
  }
}

/** Fills in Grafana's variables: everything, and the shortest window that a scrape a second allows. */
export function everything(expression: string): string {
  return expression.replaceAll('$__rate_interval', '10s').replaceAll(/\$[a-z_]+/g, '.*');
}
