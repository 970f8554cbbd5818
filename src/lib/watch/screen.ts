import { Timeline } from '../analysis/timeline.ts';
import { formatDuration } from '../duration.ts';
import { InputError } from '../errors.ts';
import { forTerminal } from '../render/safe-text.ts';
import { eventLog, paceText, type WatchFrame, type WatchView, watchFrame } from '../render/watch-view.ts';
import type { Pace } from '../source/follow.ts';
import { liveSource } from '../source/live.ts';
import type { SourceChoice } from '../source/open.ts';
import { style } from '../style.ts';
import { Terminal } from '../tui/terminal.ts';
import { History } from './history.ts';
import { type Context, INITIAL, pressed, type ViewState } from './state.ts';

export interface WatchLimits {
  /** Samples. */
  readonly count: number | undefined;
  readonly durationMs: number | undefined;
}

/** What the shell reports for Ctrl-C. */
const INTERRUPTED = 130;
/** Frames are at least so far apart, however fast samples come. */
const FRAME_MS = 40;
/** A source that gives nothing for so many of its usual gaps is called silent. */
const SILENT_GAPS = 5;
const SILENT_LEAST_MS = 2000;
const READINGS_DRAWN = 240;
const EVENTS_DRAWN = 20;

/**
 * The full-screen view. Returns when the person quits or a limit is reached, with the terminal as it was.
 * @throws InputError why the source failed, once the person has left the view; at once where it failed before the first sample
 */
export async function watchOnScreen(choice: SourceChoice, pace: Pace, limits: WatchLimits): Promise<void> {
  const session = new Session(pace);
  try {
    await session.run(choice, limits);
  } finally {
    session.close();
  }
  if (session.failure) throw session.failure;
}

class Session {
  readonly #terminal = new Terminal();
  readonly #history = new History();
  readonly #timeline = new Timeline();
  readonly #left = new AbortController();
  readonly #pace: Pace;
  #state: ViewState;
  #frame: WatchFrame | undefined;
  #notices: string[] = [];
  #name = '';
  #ended = false;
  #arrivedMs: number | undefined;
  #pending: NodeJS.Timeout | undefined;
  #heartbeat: NodeJS.Timeout | undefined;
  failure: Error | undefined;

  constructor(pace: Pace) {
    this.#pace = pace;
    this.#state = { ...INITIAL, intervalMs: pace.intervalMs };
    this.#terminal.onResize(() => this.#draw());
    this.#terminal.onKey((key) => this.#press(key));
    // Silence is seen although nothing happens.
    this.#heartbeat = setInterval(() => this.#draw(), 1000);
  }

  close(): void {
    clearTimeout(this.#pending);
    clearInterval(this.#heartbeat);
    this.#terminal.close();
  }

  async run(choice: SourceChoice, { count, durationMs }: WatchLimits): Promise<void> {
    const over = durationMs === undefined ? undefined : setTimeout(() => this.#left.abort(), durationMs);
    try {
      const complete = await this.#read(choice, count);
      if (complete || this.#left.signal.aborted || (this.failure && this.#history.length === 0)) return;
      // What was seen stays to be looked at.
      this.#ended = true;
      this.#draw();
      await new Promise<void>((resolve) =>
        this.#left.signal.addEventListener('abort', () => resolve(), { once: true }),
      );
    } finally {
      clearTimeout(over);
    }
  }

  /** @returns true where as many samples came as were asked for */
  async #read(choice: SourceChoice, count: number | undefined): Promise<boolean> {
    try {
      const { source, arrivesAsTaken } = await liveSource(
        { ...choice, onStderr: (text) => this.#notice(text) },
        this.#pace,
      );
      this.#name = source.name;
      this.#draw();
      let seen = 0;
      for await (const event of source.read(this.#left.signal)) {
        if (event.kind === 'rejected') {
          this.#notice(this.#withoutSource(event.error));
          continue;
        }
        this.#arrivedMs = performance.now();
        this.#history.push(this.#timeline.next(event.snapshot, arrivesAsTaken ? this.#arrivedMs : undefined));
        if (event.snapshot.process?.live === false) this.#notice('the process has ended: this is its last state');
        this.#drawSoon();
        if (++seen === count) return true;
      }
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      this.failure = error;
      this.#notice(this.#withoutSource(error));
    }
    return false;
  }

  /** The screen names the source already, and a long command line would push aside what happened to it. */
  #withoutSource({ message }: Error): string {
    const prefix = `${this.#name}: `;
    return message.startsWith(prefix) ? message.slice(prefix.length) : message;
  }

  /** Keeps the last line that says something. */
  #notice(text: string): void {
    const lines = text.split('\n').filter((line) => line.trim() !== '');
    this.#notices = [...this.#notices, ...lines].slice(-1);
    this.#drawSoon();
  }

  #press(key: string): void {
    if (key === 'ctrl-c') process.exit(INTERRUPTED);
    if (this.#state.intervalMs === undefined && (key === '+' || key === '-' || key === '='))
      this.#state = { ...this.#state, intervalMs: this.#usualGapMs() };
    const before = this.#state.intervalMs;
    this.#state = pressed(this.#state, key, this.#context());
    if (this.#state.intervalMs !== before) {
      this.#pace.intervalMs = this.#state.intervalMs;
      this.#timeline.forgetPace();
    }
    if (this.#state.quit) this.#left.abort();
    else this.#draw();
  }

  #context(): Context {
    return {
      oldest: this.#history.oldest?.sequence ?? 0,
      latest: this.#history.latest?.sequence ?? 0,
      rows: this.#frame?.tableRows ?? 0,
      visible: this.#frame?.visible ?? 0,
    };
  }

  #drawSoon(): void {
    this.#pending ??= setTimeout(() => this.#draw(), FRAME_MS);
  }

  #draw(): void {
    clearTimeout(this.#pending);
    this.#pending = undefined;
    this.#frame = watchFrame(this.#view(), style);
    this.#terminal.draw(this.#frame.lines);
  }

  #view(): WatchView {
    const { cursor, sort, table, intervalMs, ...chosen } = this.#state;
    const latest = this.#history.latest?.sequence ?? 0;
    const shown = this.#history.at(cursor ?? latest)?.sequence ?? 0;
    const readings = this.#history.until(shown, READINGS_DRAWN);
    return {
      ...chosen,
      table,
      sort: sort[table],
      columns: this.#terminal.columns,
      rows: this.#terminal.rows,
      readings,
      later: cursor === undefined ? undefined : latest - shown,
      kept: this.#history.length,
      source: forTerminal(this.#name),
      pace: intervalMs === undefined ? paceText(readings.at(-1)) : `every ${formatDuration(intervalMs)}`,
      notices: this.#notices,
      status: this.#status(),
      events: eventLog(this.#history.until(shown, EVENTS_DRAWN)),
    };
  }

  #status(): WatchView['status'] {
    if (this.#ended) return 'ended';
    if (this.#arrivedMs === undefined) return 'waiting';
    const silentMs = Math.max(SILENT_LEAST_MS, SILENT_GAPS * (this.#state.intervalMs ?? this.#usualGapMs()));
    return performance.now() - this.#arrivedMs > silentMs ? 'silent' : 'live';
  }

  #usualGapMs(): number {
    return Number(this.#history.latest?.delta?.elapsedNs ?? 1e9) / 1e6;
  }
}
