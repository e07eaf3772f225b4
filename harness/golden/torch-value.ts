import type { StoredCode } from './stored-elements.js';

/** The numbers of one or several tensors, which lie outside the pickle under `key`. */
export class TorchStorage {
  readonly key: string;
  readonly elementCode: StoredCode;
  readonly elements: number;

  constructor(key: string, elementCode: StoredCode, elements: number) {
    this.key = key;
    this.elementCode = elementCode;
    this.elements = elements;
  }
}

/** A view of a storage. Element [i, j, …] is at offset + i·strides[0] + j·strides[1] + …, all within the storage. */
export class TorchTensor {
  readonly storage: TorchStorage;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];

  constructor(storage: TorchStorage, offset: number, shape: readonly number[], strides: readonly number[]) {
    this.storage = storage;
    this.offset = offset;
    this.shape = shape;
    this.strides = strides;
  }
}

/** Stands for an object that no weights are read from. Its class is known, and it is not made. */
export class PassedOver {
  readonly className: string;

  constructor(className: string) {
    this.className = className;
  }
}
