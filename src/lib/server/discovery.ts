import { bounded } from '../render/prometheus/label-names.ts';
import type { Watched } from './view.ts';

/** An entry of Prometheus' HTTP service discovery. */
export interface TargetGroup {
  readonly targets: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * @param watched each becomes a target of its own, with the parameters by which /metrics gives its samples alone
 * @param host under which the asker reached us, and so can scrape us
 */
export function targetGroups(watched: readonly Watched[], host: string, scheme: 'http' | 'https'): TargetGroup[] {
  return watched.map((one) => {
    const { id, pid, instance, command = '', name = '' } = one;
    return {
      targets: [host],
      labels: {
        __scheme__: scheme,
        __metrics_path__: '/metrics',
        ...(pid !== undefined && { __param_pid: pid, __meta_tslab_pid: pid }),
        ...(instance !== undefined && { __param_instance: instance, __meta_tslab_instance: instance }),
        __meta_tslab_command: bounded(command),
        __meta_tslab_name: bounded(name),
        // Targets are told apart by their labels; all of them share an address.
        process: id,
      },
    };
  });
}
