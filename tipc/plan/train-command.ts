import type { TrainInferFile } from '../text/train-infer-file.js';
import type { Launch } from './launch.js';
import { renderArgument } from './writer.js';

/** A place in the cross product of training. */
export interface Combination {
  readonly file: TrainInferFile;
  readonly mode: string;
  readonly outputFolder: string;
  readonly launch: Launch;
  /** The item of the device list at the entry's place; empty where the list is shorter. */
  readonly device: string;
  readonly autocast: string;
  readonly trainer: string;
}

/**
 * The command that trains, without the interpreter.
 * @param train script and fixed arguments
 * @param pretrained in place of the file's pretrained argument, unless null
 */
export function trainCommand(
  { file, mode, launch, device, autocast }: Combination,
  train: string,
  runFolder: string,
  pretrained: string | null,
): { own: string; launcher: string } {
  const found = {
    device: renderArgument(file.train.device.key, device),
    saveDir: renderArgument(file.train.saveDir.key, runFolder),
    iters: renderArgument(file.train.iters.key, file.train.iters.values.get(mode) ?? ''),
    pretrained: pretrained ?? renderArgument(file.train.pretrained.key, file.train.pretrained.value),
    rest: [
      renderArgument(autocastKey(file, mode), autocast),
      renderArgument(file.train.batchSize.key, file.train.batchSize.values.get(mode) ?? ''),
      renderArgument(file.train.free.key, file.train.free.value),
      ampArguments(autocast, mode) + benchmarkArguments(file, mode),
    ],
  };
  const severalMachines = launch.ips.length > 15;
  const order = severalMachines ? [found.pretrained, found.iters] : [found.iters, found.pretrained];
  if (launch.gpu.length <= 2) {
    // The script has two blanks here.
    const own = [train, found.device, '', found.saveDir, ...order, ...found.rest].join(' ');
    return { own, launcher: '' };
  }
  const own = [train, found.device, found.saveDir, ...order, ...found.rest].join(' ');
  const ips = severalMachines ? `--ips=${launch.ips} ` : '';
  return { own, launcher: `-m paddle.distributed.launch ${ips}--devices=${launch.gpu} ` };
}

/** benchmark_train writes the precision itself. */
function autocastKey(file: TrainInferFile, mode: string): string {
  return mode === 'benchmark_train' && file.train.autocast.key === 'Global.auto_cast'
    ? '--precision'
    : file.train.autocast.key;
}

function ampArguments(autocast: string, mode: string): string {
  if (autocast === 'amp') return 'Global.use_amp=True Global.scale_loss=1024.0 Global.use_dynamic_loss_scaling=True';
  return autocast === 'fp16' && mode === 'benchmark_train' ? '--amp_level=O2' : ' ';
}

/** What benchmark_train takes from the file's last line. */
function benchmarkArguments({ extra }: TrainInferFile, mode: string): string {
  if (mode !== 'benchmark_train') return '';
  return ['log_iters', 'repeats']
    .filter((key) => extra.has(key))
    .map((key) => ` --${key} ${extra.get(key)}`)
    .join('');
}
