import { open, readFile } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative } from 'node:path';
import { codeOf, messageOf, UserError } from '../../harness/support/errors.js';
import { decodeModel, type GraphProto, type ModelProto, type TensorProto } from '../ort/onnx/model-proto.js';

/** Reads an ONNX file, tensors that lie in files beside it included. Throws a UserError. */
export async function readOnnxModel(path: string): Promise<ModelProto & { graph: GraphProto }> {
  const model = parseOnnxModel(await readBytes(path), path);
  for (const tensor of model.graph.initializer ?? []) await readExternalData(tensor, path);
  return model;
}

/** `dataLocation` of a tensor whose numbers lie in another file. Source: TensorProto.DataLocation. */
const externalLocation = 1;

function parseOnnxModel(bytes: Uint8Array, path: string): ModelProto & { graph: GraphProto } {
  let model: ModelProto;
  try {
    model = decodeModel(bytes);
  } catch (error) {
    throw new UserError(`Cannot read ${path}: it is no whole ONNX file (${messageOf(error)}); an ONNX model is wanted`);
  }
  const { graph } = model;
  if (graph === undefined || (graph.node ?? []).length === 0) {
    throw new UserError(`Cannot read ${path}: it holds no graph with nodes; an ONNX model is wanted`);
  }
  return { ...model, graph };
}

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    const is = codeOf(error) === 'ENOENT' ? 'there is no such file' : messageOf(error);
    throw new UserError(`Cannot read ${path}: ${is}; an ONNX model is wanted`);
  }
}

async function readExternalData(tensor: TensorProto, modelPath: string): Promise<void> {
  if (tensor.dataLocation !== externalLocation) return;
  const entries = new Map((tensor.externalData ?? []).map(({ key, value }) => [key, value]));
  const location = entries.get('location') ?? '';
  const path = join(dirname(modelPath), location);
  const subject = `initializer ${tensor.name} of ${modelPath}`;
  if (location === '' || isAbsolute(location) || relative(dirname(modelPath), path).startsWith('..')) {
    throw new UserError(
      `Cannot read ${subject}: its data lie in '${location}'; a file in the model's folder is wanted`,
    );
  }
  const offset = Number(entries.get('offset') ?? 0);
  tensor.rawData = await readRange(path, offset, entries.get('length'), subject);
  delete tensor.externalData;
  delete tensor.dataLocation;
}

async function readRange(path: string, offset: number, wanted: string | undefined, subject: string): Promise<Buffer> {
  try {
    const file = await open(path, 'r');
    try {
      const size = (await file.stat()).size;
      const length = wanted === undefined ? size - offset : Number(wanted);
      if (!(offset >= 0 && length >= 0 && offset + length <= size)) {
        throw new UserError(
          `Cannot read ${subject}: bytes ${offset} to ${offset + length} of ${path} are named, which has ${size}; bytes that are there are wanted`,
        );
      }
      const bytes = Buffer.alloc(length);
      await file.read(bytes, 0, length, offset);
      return bytes;
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`Cannot read ${subject}: ${messageOf(error)}; its data are wanted`);
  }
}
