import { zipSync } from 'fflate';

/** A tensor as torch.save writes it, with the storage that it is a view of. */
export interface PickledTensor {
  readonly storage: string;
  readonly type: string;
  readonly elements: number;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  /** Pickled already, in the place of `shape`. */
  readonly pickledShape?: Buffer;
  /** Pickled: the last argument, which most tensors do not have. */
  readonly metadata?: Buffer;
}

/** A tensor of a storage of its own. @param more what is otherwise than PyTorch would have it */
export function denseTensor(
  storage: string,
  shape: readonly number[],
  more: Partial<PickledTensor> = {},
): PickledTensor {
  const elements = shape.reduce((product, extent) => product * extent, 1);
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, extent) => product * extent, 1));
  return { storage, type: 'FloatStorage', elements, offset: 0, shape, strides, ...more };
}

/** A pickle of protocol 2: a dict of tensors, or of values that are pickled already. */
export function pickleStateDict(tensors: Readonly<Record<string, PickledTensor | Buffer>>): Buffer {
  const items = Object.entries(tensors).flatMap(([name, value]) => [
    text(name),
    Buffer.isBuffer(value) ? value : pickleTensor(value),
  ]);
  return Buffer.concat([Buffer.from([0x80, 2]), Buffer.from('}('), ...items, Buffer.from('u.')]);
}

/** A zip as PyTorch has it. @param more other entries of its folder, in the place of what stands here */
export function zipPth(
  pickle: Uint8Array,
  storages: Readonly<Record<string, Uint8Array>>,
  more: Readonly<Record<string, Uint8Array>> = {},
  { level }: { readonly level: 0 | 9 } = { level: 0 },
): Uint8Array {
  const files: Record<string, Uint8Array> = { 'w/data.pkl': pickle, 'w/byteorder': Buffer.from('little') };
  for (const [key, bytes] of Object.entries(storages)) files[`w/data/${key}`] = bytes;
  for (const [name, bytes] of Object.entries(more)) files[`w/${name}`] = bytes;
  return zipSync(files, { level });
}

/** A file as PyTorch wrote it before 1.6, of storages of 4 bytes an element; those of 8 bytes are LongStorage. */
export function legacyPth(pickle: Uint8Array, storages: Readonly<Record<string, Uint8Array>>): Uint8Array {
  const start = '80028a0a6cfc9c46f9206aa850192e80024de9032e';
  const machine = Buffer.concat([
    Buffer.from([0x80, 2]),
    Buffer.from('}('),
    text('little_endian'),
    Buffer.from([0x88]),
    Buffer.from('u.'),
  ]);
  const keys = Buffer.concat([
    Buffer.from([0x80, 2]),
    Buffer.from(']('),
    ...Object.keys(storages).map(text),
    Buffer.from('e.'),
  ]);
  const blocks = Object.values(storages).flatMap((bytes) => [
    uint64(bytes.length / (bytes.length === 8 ? 8 : 4)),
    bytes,
  ]);
  return Buffer.concat([Buffer.from(start, 'hex'), machine, pickle, keys, ...blocks]);
}

export function floats(...values: readonly number[]): Uint8Array {
  return new Uint8Array(Float32Array.from(values).buffer);
}

export function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'utf8');
  return Buffer.concat([Buffer.from('X'), uint32(bytes.length), bytes]);
}

export function tuple(...values: readonly Buffer[]): Buffer {
  return Buffer.concat([Buffer.from('('), ...values, Buffer.from('t')]);
}

/** `callable(...args)` */
export function call(callable: string, args: Buffer): Buffer {
  return Buffer.concat([named(callable), args, Buffer.from('R')]);
}

/** A class or a function by its full name. */
export function named(name: string): Buffer {
  const dot = name.lastIndexOf('.');
  return Buffer.from(`c${name.slice(0, dot)}\n${name.slice(dot + 1)}\n`);
}

function pickleTensor({ storage, type, elements, offset, shape, strides, ...more }: PickledTensor): Buffer {
  const id = tuple(text('storage'), named(`torch.${type}`), text(storage), text('cpu'), whole(elements));
  const hooks = call('collections.OrderedDict', Buffer.from(')'));
  const sizes = more.pickledShape ?? tuple(...shape.map(whole));
  const view = [whole(offset), sizes, tuple(...strides.map(whole))];
  const metadata = more.metadata === undefined ? [] : [more.metadata];
  return call(
    'torch._utils._rebuild_tensor_v2',
    tuple(Buffer.concat([id, Buffer.from('Q')]), ...view, Buffer.from([0x89]), hooks, ...metadata),
  );
}

/** LONG1 of eight bytes: any whole number. */
function whole(value: number): Buffer {
  const bytes = Buffer.from([0x8a, 8, 0, 0, 0, 0, 0, 0, 0, 0]);
  bytes.writeBigInt64LE(BigInt(value), 2);
  return bytes;
}

function uint64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
