import type { TipcArgument } from '../text/frame.js';
import type { TrainInferFile } from '../text/train-infer-file.js';

export interface ChosenTrainer {
  /** Script and fixed arguments, or `null`. */
  readonly train: string;
  readonly exported: TipcArgument;
  readonly quantised: boolean;
  readonly line: number;
}

/** The first line whose key is the trainer's name; any other name is the normal trainer. */
export function chooseTrainer(file: TrainInferFile, trainer: string): ChosenTrainer {
  const { commands, exports, toStatic } = file;
  const special = [
    { command: commands.pact, exported: exports.quant, quantised: true },
    { command: commands.fpgm, exported: exports.fpgm },
    { command: commands.distill, exported: exports.distill },
    { command: commands.custom[0], exported: exports.custom[0] },
    { command: commands.custom[1], exported: exports.custom[1] },
  ].find(({ command }) => command.key === trainer);
  if (special !== undefined) {
    const { command, exported, quantised = false } = special;
    return { train: command.value, exported, quantised, line: command.line };
  }
  const { value, line } = commands.normal;
  const train = toStatic !== null && toStatic.trainer === trainer ? `${value} ${toStatic.extra}` : value;
  return { train, exported: exports.normal, quantised: false, line };
}
