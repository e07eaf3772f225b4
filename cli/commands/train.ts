import { Option } from 'commander';
import { firstPort, namedPorts } from '../../harness/hosts/read-ports.js';
import { takeShipped } from '../../harness/support/take-shipped.js';
import type { TrainCommandOptions } from '../../pipeline/tools/train-options.js';
import { deviceOption } from '../options/device.js';
import { basesOption, optsOption } from '../options/network.js';
import { parsePositive, wholeNumber } from '../options/numbers.js';
import type { Program } from '../program.js';

export function register(program: Program): void {
  program
    .command('train')
    .helpGroup("PaddleSeg's tools:")
    .summary("train a model, as PaddleSeg's tools/train.py")
    .description(
      "Trains by a PaddleSeg yml, logs PaddleSeg's [TRAIN] and [EVAL] lines and writes checkpoints that paddle.load reads. Exit codes: 0 trained, 1 a loss or gradient became NaN or Inf, 2 bad usage or input, 3 could not run.",
    )
    .requiredOption('--config <yml>', 'a PaddleSeg yml', takeShipped)
    .option(
      '--port <port>',
      `what computes: ${namedPorts.flatMap(({ name, trains }) => (trains ? [name] : [])).join(' or ')}, or a port module that trains`,
      firstPort,
    )
    .addOption(deviceOption)
    .option('--save_dir <folder>', 'where checkpoints go', './output')
    .option('--num_workers <n>', 'threads that read and augment ahead', wholeNumber(0), 1)
    .option('--do_eval', 'evaluate at every --save_interval and keep the best model')
    .option('--use_vdl', 'write VisualDL records into --save_dir')
    .option('--use_tb', 'write TensorBoard event files into --save_dir')
    .option('--resume_model <folder>', 'go on from a checkpoint, .../iter_N')
    .option('--iters <n>', "in place of the yml's", wholeNumber(1))
    .option('--batch_size <n>', "of each rank, in place of the yml's", wholeNumber(1))
    .option('--learning_rate <number>', "in place of the yml's", parsePositive)
    .option('--save_interval <n>', 'iterations from checkpoint to checkpoint', wholeNumber(1), 1000)
    .addOption(
      new Option('--log_iters <n>', 'iterations from log line to log line').default(10).argParser(wholeNumber(1)),
    )
    .addOption(new Option('--log_iter <n>', 'the same').argParser(wholeNumber(1)).hideHelp())
    .option('--keep_checkpoint_max <n>', 'checkpoints that are kept; 0 keeps all', wholeNumber(0), 5)
    .option('--early_stop_intervals <n>', 'end after so many evaluations without a better mIoU', wholeNumber(1))
    .option(
      '--seed <n>',
      'of initial weights, augmentation, drops and NMF bases; 0 where none is given',
      wholeNumber(0),
    )
    .option('--pretrained <none_or_file>', "none, or weights in place of those that the yml's pretrained names")
    .addOption(basesOption(' in evaluation'))
    .option('--repeats <n>', 'how often the list of images is gone through in an epoch', wholeNumber(1), 1)
    .addOption(optsOption)
    .addOption(new Option('--precision <precision>').choices(['fp32', 'fp16']).default('fp32').hideHelp())
    .addOption(new Option('--amp_level <level>').hideHelp())
    .addOption(new Option('--data_format <format>').choices(['NCHW', 'NHWC']).default('NCHW').hideHelp())
    .addOption(new Option('--use_ema').hideHelp())
    .addOption(new Option('--profiler_options <options>').hideHelp())
    .addOption(new Option('--use_multilabel').hideHelp())
    .addOption(new Option('--to_static_training').hideHelp())
    .addOption(new Option('--for_fd').hideHelp())
    .addOption(new Option('--json <file>', 'what ran and what was found, for programs').hideHelp())
    .addOption(new Option('--output_op <op>').hideHelp())
    .addOption(new Option('--input_shape <n...>').hideHelp())
    .endsWith(async (options: TrainCommandOptions) => {
      const { runTrain } = await import('../../pipeline/tools/train.js');
      return runTrain(options, process.env);
    });
}
