import { readFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { PEERS, run, versionOf } from './contenders.ts';

/** What a figure depends on besides the code. */
export interface Machine {
  cpu: string;
  cores: number;
  memoryBytes: number;
  kernel: string;
  distribution: string;
  virtualization: string;
  transparentHugePages: string;
  compiler: string;
  commit: string;
  versions: Record<string, string>;
  startedAt: string;
}

export function describeMachine(root: string): Machine {
  return {
    cpu: cpuModel(),
    cores: cpus().length,
    memoryBytes: totalmem(),
    kernel: release(),
    distribution: /PRETTY_NAME="(.*)"/.exec(text('/etc/os-release'))?.[1] ?? 'unknown',
    virtualization:
      run('systemd-detect-virt', []) || (/hypervisor/.test(text('/proc/cpuinfo')) ? 'a virtual machine' : 'none found'),
    transparentHugePages: /\[(\w+)\]/.exec(text('/sys/kernel/mm/transparent_hugepage/enabled'))?.[1] ?? 'not there',
    compiler: run('sh', ['-c', 'gcc --version | head -1']),
    commit: run('git', ['-C', root, 'describe', '--always', '--dirty', '--abbrev=12']) || 'unknown',
    versions: Object.fromEntries(PEERS.map((peer) => [peer.id, versionOf(peer)])),
    startedAt: new Date().toISOString(),
  };
}

function cpuModel(): string {
  const info = text('/proc/cpuinfo');
  const field = (name: string) => new RegExp(`^${name}\\s*: (.*)$`, 'm').exec(info)?.[1] ?? '?';
  return `${cpus()[0]?.model.trim()} (family ${field('cpu family')}, model ${field('model')}, stepping ${field('stepping')})`;
}

function text(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
