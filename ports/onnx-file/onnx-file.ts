import type { FollowedWeights } from '../../onnx/follow-weights.js';
import type { GraphProto, ModelProto } from '../../onnx/model-proto.js';
import type { ProbeMap } from '../../onnx/probe-map.js';
import type { Engine } from './engine/engine.js';

/** A user's file that is loaded. */
export interface OnnxFile {
  readonly path: string;
  readonly model: ModelProto & { graph: GraphProto };
  readonly map: ProbeMap;
  /** Whether it is judged: then labels and probabilities do not count as logits. Else it runs, whatever it gives. */
  readonly judged: boolean;
  /** What its weights say of where its layers are; absent: nothing. */
  readonly followed?: FollowedWeights;
  /** Names of the bundle's, which the map may have. */
  readonly weights?: readonly string[];
  /** Whether the reference draws normal numbers for a draw; absent: uniform ones. */
  readonly isNormal?: (draw: string) => boolean;
  /** What runs it; absent: the runtime. */
  readonly engine?: Engine;
}
