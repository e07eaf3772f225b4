import type { AlignmentStep } from '../../kinds/index.js';
import type { FigureUnit } from '../../result/record/case-result.js';
import type { StepAlignment } from './arrange-alignment.js';

/** What an alignment report says, in one language. Figures, names of layers and sentences of the judge are not here. */
export interface AlignmentWords {
  readonly title: (port: string) => string;
  readonly facts: Readonly<Record<'engine' | 'model' | 'reference' | 'bundles' | 'judge' | 'command', string>>;
  readonly header: Readonly<Record<'step' | 'result' | 'compared' | 'worst' | 'fault', string>>;
  readonly steps: Readonly<Record<AlignmentStep, string>>;
  readonly states: Readonly<Record<StepAlignment['state'], string>>;
  readonly units: Readonly<Record<FigureUnit, string>>;
  /** A figure with its unit, beside its limit without one. */
  readonly ofLimit: (value: string, limit: string) => string;
  readonly beyond: (value: string, limit: string, isOwn: boolean) => string;
  readonly uninformative: (count: number) => string;
  readonly waived: (count: number) => string;
  /** The sentences below the table. */
  readonly noise: string;
  readonly partial: string;
  /** What a step that nothing judged needs. */
  readonly needs: Readonly<Record<AlignmentStep, string>>;
  /** Between a probe and what is wrong with it. */
  readonly colon: string;
}

export const languages = ['en', 'zh'] as const;
export type Language = (typeof languages)[number];

const trainNeeds = {
  en: 'a train bundle is wanted, and a port that trains: `npx tipcheck judge PORT BUNDLE`',
  zh: '需要训练用的基准包，并且被测实现支持训练：`npx tipcheck judge PORT BUNDLE`',
};

export const alignmentWords: Readonly<Record<Language, AlignmentWords>> = {
  en: {
    title: (port) => `Alignment of ${port}`,
    facts: {
      engine: 'engine',
      model: 'network',
      reference: 'reference',
      bundles: 'goldens',
      judge: 'judged by',
      command: 'command',
    },
    header: {
      step: 'step',
      result: 'result',
      compared: 'compared',
      worst: 'nearest to its limit',
      fault: 'first fault',
    },
    steps: {
      forward: '1. forward',
      metric: '2. metric',
      loss: '3. loss',
      backward: '4. backward',
      training: '5. training',
    },
    states: { aligned: 'aligned', differs: '**differs**', error: '**could not run**', 'not-judged': 'not judged' },
    units: { '× noise': '× the noise', z: 'standard deviations', pixels: 'pixels', share: '', absolute: '' },
    ofLimit: (value, limit) => `${value} (limit ${limit})`,
    beyond: (value, limit, isOwn) => `${isOwn ? 'on its own, ' : ''}its error is ${value}; at most ${limit} is wanted`,
    uninformative: (count) => `${count} say nothing`,
    waived: (count) => `${count} waived`,
    noise:
      'Every value is compared with that of the reference in float64. *The noise* is the error that the reference itself makes at this place in float32, so 1 × is as good as the reference. Backward is the gradients of the first step, the learning rates and the losses that follow. Training is the parameters and statistics after the last step of the bundle; the hours of a whole training are not part of it.',
    partial: 'Only some of the probes were asked for (`--only`).',
    needs: {
      forward: 'a bundle of one forward is wanted: `npx tipcheck judge PORT BUNDLE`',
      metric: 'an evaluation is wanted: `npx tipcheck test FILE full_eval`, then `npx tipcheck render RUN --alignment`',
      loss: trainNeeds.en,
      backward: trainNeeds.en,
      training: trainNeeds.en,
    },
    colon: ': ',
  },
  zh: {
    title: (port) => `${port} 对齐报告`,
    facts: {
      engine: '推理引擎',
      model: '网络',
      reference: '参考实现',
      bundles: '基准数据',
      judge: '评判工具',
      command: '命令',
    },
    header: { step: '步骤', result: '结论', compared: '比较项数', worst: '最接近上限的误差', fault: '首个不对齐处' },
    steps: {
      forward: '1. 前向对齐',
      metric: '2. 评估指标对齐',
      loss: '3. 损失函数对齐',
      backward: '4. 反向对齐',
      training: '5. 训练对齐',
    },
    states: { aligned: '已对齐', differs: '**未对齐**', error: '**无法运行**', 'not-judged': '未评判' },
    units: { '× noise': '倍噪声', z: '个标准差', pixels: '个像素', share: '', absolute: '' },
    ofLimit: (value, limit) => `${value}（上限 ${limit}）`,
    beyond: (value, limit, isOwn) => `${isOwn ? '该层自身' : ''}误差为 ${value}，上限为 ${limit}`,
    uninformative: (count) => `${count} 项无信息`,
    waived: (count) => `${count} 项已豁免`,
    noise:
      '所有数值都与参考实现的 float64 结果比较。“噪声”指参考实现在同一位置用 float32 计算时自身的误差，因此 1 倍即与参考实现同样精确。反向对齐包括首步梯度、学习率以及后续各步的损失。训练对齐指基准包最后一步之后的参数与统计量，不包含完整训练。',
    partial: '只评判了部分检查点（`--only`）。',
    needs: {
      forward: '需要前向基准包：`npx tipcheck judge PORT BUNDLE`',
      metric: '需要评估：先运行 `npx tipcheck test FILE full_eval`，再运行 `npx tipcheck render RUN --alignment`',
      loss: trainNeeds.zh,
      backward: trainNeeds.zh,
      training: trainNeeds.zh,
    },
    colon: '：',
  },
};
