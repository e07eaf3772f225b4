import type { Optimisation } from '../../harness/setup/port-about.js';

export const levels = ['disabled', 'basic', 'extended', 'layout', 'all'] as const;

export type Level = (typeof levels)[number];

export function levelNamed(name: string): Level {
  const level = levels.find((one) => one === name);
  if (level === undefined) throw new Error(`ONNX Runtime has no level ${name}; it has ${levels.join(', ')}`);
  return level;
}

/**
 * How ONNX Runtime optimises a graph. Rules stand together in a transformer of their level, and can be switched off one
 * by one.
 *
 * Source: GenerateRewriteRules in core/optimizer/graph_transformer_utils.cc.
 */
export const optimisation: Optimisation = {
  levels,
  parts: {
    Level1_RuleBasedTransformer: [
      ...['EliminateIdentity', 'EliminateSlice', 'UnsqueezeElimination', 'EliminateDropout', 'ExpandElimination'],
      ...['CastElimination', 'CastChainElimination', 'PreShapeNodeElimination', 'NoopElimination', 'DivMulFusion'],
      ...['FuseReluClip', 'GemmSumFusion', 'GemmTransposeFusion', 'NotWhereFusion', 'ConvAddFusion', 'ConvMulFusion'],
      ...['ConvBNFusion', 'Pad_Fusion', 'MatMul_BatchNormalization_Fusion', 'LabelEncoderFusion'],
    ],
    Level2_RuleBasedTransformer: ['ClipQuantRewrite', 'ReluQuantRewrite', 'GemmTransposeFusion'],
  },
};
