/**
 * The operators that models are written against, once for all engines. `T` is whatever an engine calls a tensor: an
 * eager one executes, a graph builder adds a node. A model never sees a layout: a feature map means [b, c, h, w] and
 * tokens mean [b, n, c], however an engine stores them. It never sees a size either, so a graph may leave batch, height
 * and width open.
 *
 * Layers with parameters are named by the reference's sublayer (`backbone.patch_embed1.proj.0`): the engine finds
 * `<name>.weight`, `<name>.bias`, `<name>._mean` and `<name>._variance` by it.
 */
export interface Operators<T> {
  /**
   * Convolution over a feature map. `<name>.weight` is [out, in / groups, kh, kw]; `<name>.bias` is [out]. Pads with
   * zeros.
   */
  conv2d(x: T, name: string, options: ConvOptions): T;
  /**
   * (x − mean) / sqrt(variance + epsilon) · weight + bias, per channel, with the running statistics; in training with
   * the batch's, the variance biased, and running = 0.9 · running + 0.1 · batch. The reference keeps the biased
   * variance; `runningVariance` is for networks of frameworks that keep the unbiased one.
   */
  batchNorm(x: T, name: string, options: { epsilon: number; runningVariance?: 'biased' | 'unbiased' }): T;
  /**
   * Normalises each position of a feature map over its channels (the biased variance), then weight and bias per
   * channel.
   */
  layerNorm(x: T, name: string, options: { epsilon: number }): T;
  /** Normalises each of `groups` groups of channels over channels and positions, then weight and bias per channel. */
  groupNorm(x: T, name: string, options: { groups: number; epsilon: number }): T;
  /** A feature map times the parameter `name`, shaped [c, 1, 1]. */
  scaleChannels(x: T, name: string): T;

  /** The exact form, x · Φ(x), with erf; or its tanh approximation, 0.5 x (1 + tanh(√(2/π) (x + 0.044715 x³))). */
  gelu(x: T, options?: { approximate: 'none' | 'tanh' }): T;
  relu(x: T): T;
  /** Over the last axis. */
  softmax(x: T): T;
  add(a: T, b: T): T;
  mul(a: T, b: T): T;
  div(a: T, b: T): T;
  addScalar(x: T, scalar: number): T;
  /** Feature maps joined along their channels. */
  concatChannels(xs: readonly T[]): T;
  /** Bilinear, to the height and width of the feature map `like`. Half-pixel centres, or corners aligned. */
  resizeBilinear(x: T, like: T, options: { alignCorners: boolean }): T;

  /** A feature map [b, g·c, h, w] as [b·g, h·w, c]: the tokens of each of `groups` groups of channels. */
  toTokens(x: T, groups: number): T;
  /** The inverse of toTokens, back to the shape of the feature map `like`. */
  fromTokens(tokens: T, like: T, groups: number): T;
  /** Product of the last two axes, [b, m, k] · [b, k, n]; a flag transposes an operand's last two axes first. */
  matMul(a: T, b: T, options?: { transposeA?: boolean; transposeB?: boolean }): T;
  /** x / max(‖x‖₂ over `axis` of [b, m, n], epsilon). */
  l2Normalize(x: T, options: { axis: 1 | 2; epsilon: number }): T;

  /** What the reference draws at random under this name, given from outside. */
  draw(name: string): T;
  /** A registered buffer of the reference that is not a statistic of a norm, for example fixed NMF bases. */
  buffer(name: string): T;
  /**
   * Each entry of the first axis as often in a row as the feature map `like` has batch entries: [s, m, n] → [s·b, m,
   * n].
   */
  repeatForBatch(x: T, like: T): T;
  /** Records x under the reference's sublayer name and returns it, or what replaces it. */
  probe(name: string, x: T): T;
  /** A part of a forward after which only its result is needed; an eager engine frees the rest. */
  scope(body: () => T): T;

  /** Operators of a forward in training. Absent in evaluation: there both drops are the identity. */
  readonly training?: TrainingOperators<T>;
}

/**
 * Random drops. The kept parts are drawn outside, as flags 0 and 1 under the sublayer's name. What is kept is divided
 * by 1 − rate.
 */
export interface TrainingOperators<T> {
  /** Whole samples of a feature map. The flags are [calls, b]: `call` counts the calls of one sublayer in a forward. */
  dropPath(x: T, name: string, options: { rate: number; call: number }): T;
  /** Whole channels of a sample. The flags are [1, b, c]. */
  dropout2d(x: T, name: string, options: { rate: number }): T;
}

export interface ConvOptions {
  readonly stride: Pair;
  /** Vertical and horizontal, the same on both sides; or top, left, bottom, right. */
  readonly padding: Pair | readonly [number, number, number, number];
  readonly groups: number;
  readonly bias: boolean;
}

/** Vertical, horizontal. */
export type Pair = readonly [number, number];
