import { roundToHalves } from './half-floats.js';
import { decodeModel, encodeModel, type GraphProto, type ModelProto, type NodeProto } from './model-proto.js';

/** For tests: a copy of an ONNX file that was edited. */
export function editModel(bytes: Uint8Array, edit: (graph: GraphProto, model: ModelProto) => void): Uint8Array {
  const model = decodeModel(bytes);
  edit(model.graph!, model);
  return encodeModel(model);
}

/** For tests: the file's only output becomes what `node` makes. */
export function endWith(graph: GraphProto, node: NodeProto, elemType = 1): void {
  graph.node!.push(node);
  graph.output = [{ name: node.output![0]!, type: { tensorType: { elemType } } }];
}

/** For tests: `out` holds the logits with their classes in reverse; an inner tensor is called logits. */
export function reverseClasses(graph: GraphProto, classes: number): void {
  const order = BigInt64Array.from({ length: classes }, (_, at) => BigInt(classes - 1 - at));
  const rawData = new Uint8Array(order.buffer);
  graph.initializer!.push({ name: 'reversed', dims: [BigInt(classes)], dataType: 7, rawData });
  endWith(graph, { opType: 'Gather', input: ['logits', 'reversed'], output: ['out'], attribute: [axisOne] });
}

export const axisOne = { name: 'axis', i: 1n, type: 2 };

export const argMax: NodeProto = {
  opType: 'ArgMax',
  input: ['logits'],
  output: ['label'],
  attribute: [axisOne, { name: 'keepdims', i: 0n, type: 2 }],
};

export const softmax: NodeProto = { opType: 'Softmax', input: ['logits'], output: ['prob'], attribute: [axisOne] };

/** For tests: float32 weights and ends become float16. What is not 0 does not become 0: an epsilon must stay one. */
export function makeHalf(graph: GraphProto, ends: boolean): void {
  for (const tensor of graph.initializer!) {
    if (tensor.dataType !== 1) continue;
    const floats = new Float32Array(Uint8Array.from(tensor.rawData!).buffer);
    const halves = roundToHalves(floats).map((half, at) => (half === 0 && floats[at] !== 0 ? 1 : half));
    tensor.rawData = new Uint8Array(halves.buffer);
    tensor.dataType = 10;
  }
  for (const value of [...graph.input!, ...graph.output!]) {
    if (ends) value.type!.tensorType!.elemType = 10;
    else keepFloat(graph, value.name!, graph.input!.includes(value));
  }
}

function keepFloat(graph: GraphProto, name: string, isInput: boolean): void {
  const inner = `${name}/half`;
  for (const node of graph.node!) {
    if (isInput) node.input = node.input!.map((input) => (input === name ? inner : input));
    else node.output = node.output!.map((output) => (output === name ? inner : output));
  }
  const cast = (from: string, to: string, type: bigint) => ({
    opType: 'Cast',
    input: [from],
    output: [to],
    attribute: [{ name: 'to', i: type, type: 2 }],
  });
  if (isInput) graph.node!.unshift(cast(name, inner, 10n));
  else graph.node!.push(cast(inner, name, 1n));
}
