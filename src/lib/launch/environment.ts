import { InputError, UsageError } from '../errors.ts';
import { nativeBuild } from '../native.ts';

export interface Settings {
  /** A slice of time for each epoch; undefined: one epoch for everything. */
  readonly epochMs: number | undefined;
  /** Of the program's allocators; undefined: the program's name. */
  readonly name: string | undefined;
}

const SHORTEST_EPOCH_MS = 10;
const LONGEST_EPOCH_MS = 24 * 3_600_000;
/** Of a name in a counter file, without its end. */
const NAME_BYTES = 63;

/** @returns the library's path @throws InputError where it is not built, or LD_PRELOAD cannot name it */
export function preloadLibrary(): string {
  const path = nativeBuild('libtslab_preload.so', 'the library to preload');
  if (!/[\s:;$]/.test(path)) return path;
  throw new InputError(
    'bad-path',
    `${path}: LD_PRELOAD cannot name a path with a space, ':', ';' or '$' in it`,
    'install tslab in another folder',
  );
}

/** @returns minutes east of UTC, for the times that name the slices: what the environment says already, or this time zone's */
export function utcOffsetMin(env: NodeJS.ProcessEnv): number {
  return env['TSLAB_UTC_OFFSET'] ? Number(env['TSLAB_UTC_OFFSET']) : -new Date().getTimezoneOffset();
}

/**
 * @returns `NAME=value` for each variable that the library reads; native/preload/README.md says what they mean
 */
export function variablesFor({ epochMs, name }: Settings, env: NodeJS.ProcessEnv): string[] {
  return [
    `TSLAB_EPOCH=${epochMs === undefined ? 'off' : `${Math.round(epochMs)}ms`}`,
    ...(epochMs !== undefined && !env['TSLAB_UTC_OFFSET'] ? [`TSLAB_UTC_OFFSET=${utcOffsetMin(env)}`] : []),
    ...(name === undefined ? [] : [`TSLAB_NAME=${name}`]),
  ];
}

/** @throws UsageError */
export function checkSettings({ epochMs, name }: Settings): void {
  if (epochMs !== undefined && (epochMs < SHORTEST_EPOCH_MS || epochMs > LONGEST_EPOCH_MS))
    throw new UsageError('bad-epoch', '--epoch: from 10ms to 24h', 'or off: one epoch for everything');
  if (name === undefined) return;
  if (name === '' || Buffer.byteLength(name) > NAME_BYTES || /\p{Cc}/u.test(name))
    throw new UsageError('bad-name', `--name: 1 to ${NAME_BYTES} bytes, without control characters`);
}
