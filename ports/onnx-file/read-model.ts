import { readFile } from 'node:fs/promises';
import { codeOf, messageOf, UserError } from '../../harness/support/errors.js';
import { decodeModel, type GraphProto, type ModelProto } from '../ort/onnx/model-proto.js';
import { readExternalData } from './external-data.js';

/** Reads an ONNX file, tensors that lie in files beside it included. Throws a UserError. */
export async function readOnnxModel(path: string): Promise<ModelProto & { graph: GraphProto }> {
  const model = parseOnnxModel(await readBytes(path), path);
  await readExternalData(model, path);
  return model;
}

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
