import { CONTENTION } from './contention.ts';
import { EPOCHS } from './epochs.ts';
import { KERNEL } from './kernel.ts';
import { MEMORY } from './memory.ts';
import { OVERVIEW } from './overview.ts';
import type { Dashboard } from './panel.ts';
import { SLOW_PATHS } from './slow-paths.ts';

export const DASHBOARDS: readonly Dashboard[] = [OVERVIEW, SLOW_PATHS, MEMORY, EPOCHS, CONTENTION, KERNEL];
