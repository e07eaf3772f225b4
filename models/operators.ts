import type { Add } from './operators/add.js';
import type { AddScalar } from './operators/add-scalar.js';
import type { BatchNorm } from './operators/batch-norm.js';
import type { Buffer } from './operators/buffer.js';
import type { ConcatChannels } from './operators/concat-channels.js';
import type { Conv2d } from './operators/conv2d.js';
import type { Div } from './operators/div.js';
import type { Draw } from './operators/draw.js';
import type { FromTokens } from './operators/from-tokens.js';
import type { Gelu } from './operators/gelu.js';
import type { GroupNorm } from './operators/group-norm.js';
import type { L2Normalize } from './operators/l2-normalize.js';
import type { LayerNorm } from './operators/layer-norm.js';
import type { MatMul } from './operators/mat-mul.js';
import type { Mul } from './operators/mul.js';
import type { Probe } from './operators/probe.js';
import type { Relu } from './operators/relu.js';
import type { RepeatForBatch } from './operators/repeat-for-batch.js';
import type { ResizeBilinear } from './operators/resize-bilinear.js';
import type { ScaleChannels } from './operators/scale-channels.js';
import type { Scope } from './operators/scope.js';
import type { Softmax } from './operators/softmax.js';
import type { ToTokens } from './operators/to-tokens.js';
import type { DropPath } from './operators/training/drop-path.js';
import type { Dropout2d } from './operators/training/dropout2d.js';

export type { ConvOptions, Pair } from './conv-options.js';

/**
 * The operators that models are written against, once for all engines. `T` is whatever an engine calls a tensor: an
 * eager one executes, a graph builder adds a node. A model never sees a layout: a feature map means [b, c, h, w] and
 * tokens mean [b, n, c], however an engine stores them. It never sees a size either, so a graph may leave batch, height
 * and width open.
 *
 * Layers with parameters are named by the reference's sublayer (`backbone.patch_embed1.proj.0`): the engine finds
 * `<name>.weight`, `<name>.bias`, `<name>._mean` and `<name>._variance` by it.
 *
 * Each operator has a file in `operators/`, which says what it does.
 */
export interface Operators<T>
  extends Conv2d<T>,
    BatchNorm<T>,
    LayerNorm<T>,
    GroupNorm<T>,
    ScaleChannels<T>,
    Gelu<T>,
    Relu<T>,
    Softmax<T>,
    Add<T>,
    Mul<T>,
    Div<T>,
    AddScalar<T>,
    ConcatChannels<T>,
    ResizeBilinear<T>,
    ToTokens<T>,
    FromTokens<T>,
    MatMul<T>,
    L2Normalize<T>,
    Draw<T>,
    Buffer<T>,
    RepeatForBatch<T>,
    Probe<T>,
    Scope<T> {
  /** Operators of a forward in training. Absent in evaluation: there both drops are the identity. */
  readonly training?: TrainingOperators<T>;
}

/**
 * Random drops. The kept parts are drawn outside, as flags 0 and 1 under the sublayer's name. What is kept is divided
 * by 1 − rate.
 */
export interface TrainingOperators<T> extends DropPath<T>, Dropout2d<T> {}
