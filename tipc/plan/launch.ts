/** How an entry of gpu_list starts training. */
export interface Launch {
  /** As it stands in names of files. */
  readonly gpu: string;
  readonly ips: string;
  readonly ranks: number;
  readonly nodes: number;
  /** CUDA_VISIBLE_DEVICES from inference on; null: left as it is. */
  readonly visibleDevices: string | null;
  /** Whether training has it too. */
  readonly visibleInTraining: boolean;
}

/** The script goes by the length of an entry: above 15 characters it is `ips;devices`. */
export function parseLaunch(entry: string): Launch {
  const one = { gpu: entry, ips: '', ranks: 1, nodes: 1, visibleInTraining: false };
  if (entry === '-1') return { ...one, visibleDevices: null };
  if (entry.length <= 1) return { ...one, visibleDevices: entry, visibleInTraining: true };
  if (entry.length <= 15) return { ...one, ranks: entry.split(',').length, visibleDevices: entry.split(',')[0]! };
  const [ips = '', gpu = ''] = entry.split(';');
  const nodes = ips.length > 15 ? ips.split(',').length : 1;
  return { ...one, gpu, ips, nodes, ranks: nodes * gpu.split(',').length, visibleDevices: null };
}
