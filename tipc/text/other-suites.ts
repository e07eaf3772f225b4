import { UserError } from '../../harness/support/errors.js';
import type { TipcLine } from './lines.js';

/**
 * Paddle's other suites have a TIPC of their own, whose files look alike and whose tools take other arguments.
 * @throws UserError for a file of one of them, with the line that gives it away
 */
export function refuseOtherSuites(lines: readonly TipcLine[], path: string): void {
  for (const { suite, mark } of suites) {
    const line = lines.find(({ text }) => mark.test(text));
    if (line === undefined) continue;
    throw new UserError(
      `Cannot use ${path}:${line.line}: this looks like ${suite}'s TIPC; only PaddleSeg's is run, and a file of its kind is wanted`,
    );
  }
}

/** Told by programs, configs and keys that PaddleSeg has nowhere; `Global.` alone is in its files as well. */
const suites: readonly { readonly suite: string; readonly mark: RegExp }[] = [
  { suite: 'PaddleClas', mark: /\bppcls\/|\bpredict_cls\.py\b|^-o (Global|DataLoader)\./ },
  {
    suite: 'PaddleDetection',
    mark: /\bppdet\b|^TrainReader\.|^trained_model_name:|\bconfigs\/(yolov\d|ppyolo|picodet|faster_rcnn)/,
  },
  { suite: 'PaddleOCR', mark: /\btools\/infer\/predict_\w+\.py\b|^Train\.loader\.|\bppocr\b/ },
  { suite: 'PaddleClas, PaddleDetection or PaddleOCR', mark: /\btools\/(train|eval|export_model)\.py\s+-c\s/ },
];
