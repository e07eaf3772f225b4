/** Another code base that has the network: what it calls the tensors of its `state_dict()`, and their shapes. */
export interface ForeignCode {
  /** One word, for command lines: `mmseg`. */
  readonly name: string;
  /** As people call it: `mmsegmentation 1.2.2`. */
  readonly title: string;
  /** By our names, in the order of `parameters`. The elements stand in the same order here and there. */
  readonly tensors: ReadonlyMap<string, ForeignTensor>;
  /** Why a tensor of its files, by its name there, is nothing that the network has; null where it is not known. */
  explainSurplus(name: string): string | null;
}

export interface ForeignTensor {
  readonly name: string;
  readonly shape: readonly number[];
}
