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
 * Each operator has a file in `operators/`, which says what it does and adds it to this interface.
 */
export interface Operators<T> {
  /** Operators of a forward in training. Absent in evaluation: there both drops are the identity. */
  readonly training?: TrainingOperators<T>;
}

/**
 * Random drops. The kept parts are drawn outside, as flags 0 and 1 under the sublayer's name. What is kept is divided
 * by 1 − rate.
 */
// biome-ignore lint/suspicious/noEmptyInterface: the files of operators/training/ add to it.
// biome-ignore lint/correctness/noUnusedVariables: they use it.
export interface TrainingOperators<T> {}
