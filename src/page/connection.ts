import type { HistoryMessage, UpdateMessage } from '../lib/server/stream.ts';

export interface Handlers {
  readonly onHistory: (message: HistoryMessage) => void;
  readonly onUpdate: (message: UpdateMessage) => void;
  readonly onTrouble: () => void;
}

const AGAIN_MS = 2000;

/**
 * The event stream of one process. A connection that breaks is made again by the browser; one that was refused, by us.
 * @returns ends it
 */
export function connect(process: string, { onHistory, onUpdate, onTrouble }: Handlers): () => void {
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const open = () => {
    source = new EventSource(`/events?process=${encodeURIComponent(process)}`);
    source.addEventListener('history', ({ data }) => onHistory(JSON.parse(data) as HistoryMessage));
    source.addEventListener('update', ({ data }) => onUpdate(JSON.parse(data) as UpdateMessage));
    source.addEventListener('error', () => {
      onTrouble();
      if (source?.readyState !== EventSource.CLOSED) return;
      clearTimeout(timer);
      timer = setTimeout(open, AGAIN_MS);
    });
  };
  open();
  return () => {
    clearTimeout(timer);
    source?.close();
  };
}
