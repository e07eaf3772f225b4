import { dirname } from 'node:path';
import { UserError } from '../harness/support/errors.js';
import { whyUnread } from '../harness/support/explain-system.js';
import { lfsPointerBytes, refuseLfsPointer } from '../harness/support/lfs-pointer.js';
import { openInside, UnfitFile } from '../harness/support/open-inside.js';
import type { AttributeProto, GraphProto, ModelProto, NodeProto, TensorProto } from './model-proto.js';

/**
 * Puts into a model what its tensors have in files beside it. All of them, in nodes and inner graphs too: what is left
 * would be looked for by the engine, in the working directory.
 * @throws UserError for a file outside the model's folder, and for bytes that are not there
 */
export async function readExternalData(model: ModelProto, modelPath: string): Promise<void> {
  const known = new Map<string, Uint8Array>();
  let total = 0;
  for (const tensor of tensorsOf(model)) {
    if (tensor.dataLocation !== externalLocation) continue;
    const range = rangeOf(tensor, modelPath);
    const key = JSON.stringify([range.location, range.offset, range.length]);
    const bytes = known.get(key) ?? (await readRange(range, modelPath));
    known.set(key, bytes);
    total += bytes.length;
    if (!(total <= largestModel))
      throw new UserError(
        `Cannot read ${modelPath}: its tensors have more than ${largestModel} bytes in files beside it; as many at most are wanted, for engines take no larger file`,
      );
    tensor.rawData = bytes;
    delete tensor.externalData;
    delete tensor.dataLocation;
  }
}

/** `dataLocation` of a tensor whose numbers lie in another file. Source: TensorProto.DataLocation. */
const externalLocation = 1;

/** A protobuf message is below 2 GiB. Source: protobuf's documentation of its encoding. */
const largestModel = 2 ** 31 - 1;

function* tensorsOf(model: ModelProto): Generator<TensorProto> {
  if (model.graph !== undefined) yield* tensorsOfGraph(model.graph);
  for (const { node = [], attributeProto = [] } of model.functions ?? []) {
    yield* tensorsOfNodes(node);
    for (const attribute of attributeProto) yield* tensorsOfAttribute(attribute);
  }
}

function* tensorsOfGraph({ initializer = [], sparseInitializer = [], node = [] }: GraphProto): Generator<TensorProto> {
  yield* initializer;
  for (const sparse of sparseInitializer) yield* tensorsOfSparse(sparse);
  yield* tensorsOfNodes(node);
}

function* tensorsOfNodes(nodes: readonly NodeProto[]): Generator<TensorProto> {
  for (const { attribute = [] } of nodes) for (const one of attribute) yield* tensorsOfAttribute(one);
}

function* tensorsOfAttribute(attribute: AttributeProto): Generator<TensorProto> {
  const { t, tensors = [], g, graphs = [], sparseTensor, sparseTensors = [] } = attribute;
  if (t !== undefined) yield t;
  yield* tensors;
  for (const graph of g === undefined ? graphs : [g, ...graphs]) yield* tensorsOfGraph(graph);
  for (const sparse of sparseTensor === undefined ? sparseTensors : [sparseTensor, ...sparseTensors])
    yield* tensorsOfSparse(sparse);
}

function* tensorsOfSparse({ values, indices }: NonNullable<AttributeProto['sparseTensor']>): Generator<TensorProto> {
  if (values !== undefined) yield values;
  if (indices !== undefined) yield indices;
}

interface Range {
  readonly subject: string;
  readonly location: string;
  readonly offset: number;
  /** Null: to the file's end. */
  readonly length: number | null;
}

function rangeOf({ name = '', externalData = [] }: TensorProto, modelPath: string): Range {
  const entries = new Map(externalData.map(({ key, value }) => [key, value]));
  const subject = `${name === '' ? 'a tensor' : `initializer ${name}`} of ${modelPath}`;
  const count = (key: string): number | null => {
    const text = entries.get(key);
    if (text === undefined) return null;
    const value = Number(text);
    if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value;
    throw new UserError(
      `Cannot read ${subject}: the ${key} of its data is ${JSON.stringify(text)}; decimal digits are wanted`,
    );
  };
  return { subject, location: entries.get('location') ?? '', offset: count('offset') ?? 0, length: count('length') };
}

async function readRange({ subject, location, offset, length }: Range, modelPath: string): Promise<Uint8Array> {
  if (location === '')
    throw new UserError(`Cannot read ${subject}: no file is named for its data; one in the model's folder is wanted`);
  try {
    return await openInside(dirname(modelPath), location, async (file, size) => {
      const head = Buffer.alloc(lfsPointerBytes);
      await file.read(head, 0, head.length, 0);
      refuseLfsPointer(head, `${location}, which holds data of ${subject}`);
      const wanted = length ?? size - offset;
      if (!(wanted >= 0 && offset + wanted <= size))
        throw new UserError(
          `Cannot read ${subject}: bytes ${offset} to ${offset + wanted} of ${location} are named, which has ${size}; bytes that are there are wanted`,
        );
      if (!(wanted <= largestModel))
        throw new UserError(`Cannot read ${subject}: it has ${wanted} bytes; ${largestModel} at most are wanted`);
      const bytes = Buffer.alloc(wanted);
      const { bytesRead } = await file.read(bytes, 0, wanted, offset);
      if (bytesRead === wanted) return bytes;
      throw new UserError(`Cannot read ${subject}: ${location} ends after ${offset + bytesRead} bytes; all are wanted`);
    });
  } catch (error) {
    if (error instanceof UserError) throw error;
    if (error instanceof UnfitFile)
      throw new UserError(
        `Cannot read ${subject}: its data are in ${JSON.stringify(location)}, which ${error.message}`,
      );
    throw new UserError(`Cannot read ${subject}: ${whyUnread(error, location)}; its data are wanted`);
  }
}
