import { UserError } from '../harness/support/errors.js';
import { whyUnread } from '../harness/support/explain-system.js';
import { refuseLfsPointer } from '../harness/support/lfs-pointer.js';
import { readPlain } from '../harness/support/plain-file.js';
import { describeDamage } from './describe-damage.js';
import { readExternalData } from './external-data.js';
import { decodeModel, type GraphProto, type ModelProto } from './model-proto.js';

/** Reads an ONNX file, tensors that lie in files beside it included. Throws a UserError. */
export async function readOnnxModel(path: string): Promise<ModelProto & { graph: GraphProto }> {
  const bytes = await readBytes(path);
  refuseLfsPointer(bytes, path);
  const model = parseOnnxModel(bytes, path);
  await readExternalData(model, path);
  return model;
}

function parseOnnxModel(bytes: Uint8Array, path: string): ModelProto & { graph: GraphProto } {
  let model: ModelProto;
  try {
    model = decodeModel(bytes);
  } catch {
    // The parser's words are about its buffer.
    throw new UserError(
      `Cannot read ${path}: ${describeDamage(bytes)}; a whole ONNX model is wanted. Fix: copy or export it again`,
    );
  }
  const { graph } = model;
  if (graph === undefined || (graph.node ?? []).length === 0) {
    const is = bytes.length === 0 ? 'it is empty' : 'it holds no graph with nodes';
    throw new UserError(`Cannot read ${path}: ${is}; a whole ONNX model is wanted. Fix: copy or export it again`);
  }
  return { ...model, graph };
}

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readPlain(path);
  } catch (error) {
    const is = whyUnread(error, path);
    throw new UserError(`Cannot read ${path}: ${is}; an ONNX model is wanted`);
  }
}
