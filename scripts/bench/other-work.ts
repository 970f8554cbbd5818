import { readFileSync } from 'node:fs';

/** Time of the processors since they were started, in ticks of the kernel's accounting (10 ms), so of use only where many are summed. */
export interface ProcessorTicks {
  /** All processors, at work or not. */
  all: number;
  /** What neither this process nor a child that it has waited for did: other processes, the kernel's interrupts, and what the host took away. */
  others: number;
}

/** Of this machine, now. proc_stat(5), proc_pid_stat(5). */
export function processorTicks(read: (path: string) => string = (path) => readFileSync(path, 'utf8')): ProcessorTicks {
  const [user, nice, system, idle, iowait, irq, softirq, steal] = numbersOf(
    /^cpu +(.*)$/m.exec(read('/proc/stat'))?.[1] ?? '',
  ) as EightNumbers;
  const busy = user + nice + system + irq + softirq + steal;
  /* The name, which may hold anything, ends with the last bracket; the four times are fields 14 to 17. */
  const own = read('/proc/self/stat')
    .replace(/^.*\) /s, '')
    .split(' ')
    .slice(11, 15)
    .map(Number);
  return { all: busy + idle + iowait, others: busy - own.reduce((sum, ticks) => sum + ticks, 0) };
}

type EightNumbers = [number, number, number, number, number, number, number, number];

function numbersOf(text: string): number[] {
  return text.split(' ').map(Number);
}

/** Ticks that passed between two looks. `others` can be a tick or two below 0, as the two files are not read at the same moment. */
export function ticksSince(before: ProcessorTicks, now = processorTicks()): ProcessorTicks {
  return { all: now.all - before.all, others: now.others - before.others };
}

/** Share of the processors' time that went to others, 0 … 100; 0 where no time has passed. */
export function othersPct(ticks: readonly ProcessorTicks[]): number {
  const all = ticks.reduce((sum, one) => sum + one.all, 0);
  const others = ticks.reduce((sum, one) => sum + one.others, 0);
  return all > 0 ? Math.max(0, Math.round((1000 * others) / all) / 10) : 0;
}
