/** Of one network, as users run it. */
export interface ForwardTime {
  /** A port, or PyTorch with its version. */
  readonly by: string;
  readonly device: 'cpu' | 'gpu';
  /** Null where nothing was measured at all. */
  readonly batch: number | null;
  /** To the class scores, an eighth of the picture's size, and no more to the host than they; null: not to be had. */
  readonly scoresMs: number | null;
  /** To logits of the picture's size, in the processor's memory. */
  readonly ms: number | null;
  readonly peakRssMb: number | null;
  /** Of a port, what all cards hold, as nvidia-smi says it; of PyTorch, its own peak. Null where it is not known. */
  readonly cardMb: number | null;
  /** Why there is no time; null where there is one, or none is wanted. */
  readonly failure: string | null;
}
