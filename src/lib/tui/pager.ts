import { cutToWidth } from '../render/width.ts';
import { Terminal } from './terminal.ts';

/** A text that is shown again and again in place, until the person leaves. */
export interface Pager {
  /** Aborted when the person leaves. */
  readonly signal: AbortSignal;
  show(text: string): void;
  /** Keeps the last text on the screen until the person leaves. */
  ended(): Promise<void>;
  close(): void;
}

const INTERRUPTED = 130;

export function openPager(): Pager {
  const terminal = new Terminal();
  const controller = new AbortController();
  let text = '';
  let foot = 'q quit · space pause';
  let paused = false;
  const draw = () => {
    const lines = text.split('\n').slice(0, Math.max(0, terminal.rows - 1));
    while (lines.length < terminal.rows - 1) lines.push('');
    terminal.draw([...lines, paused ? `${foot} · paused` : foot].map((line) => cutToWidth(line, terminal.columns)));
  };
  terminal.onResize(draw);
  terminal.onKey((key) => {
    if (key === 'ctrl-c') process.exit(INTERRUPTED);
    if (key === 'q' || key === 'escape') controller.abort();
    if (key === ' ') paused = !paused;
    draw();
  });
  return {
    signal: controller.signal,
    show(next) {
      if (!paused) text = next;
      draw();
    },
    async ended() {
      if (controller.signal.aborted) return;
      foot = 'the source has ended · q quit';
      draw();
      await new Promise<void>((resolve) =>
        controller.signal.addEventListener('abort', () => resolve(), { once: true }),
      );
    },
    close: () => terminal.close(),
  };
}
