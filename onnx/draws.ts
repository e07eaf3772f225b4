import { UserError } from '../harness/support/errors.js';
import { describeNode } from './describe-node.js';
import { isFloat } from './element-types.js';
import { attributeTypes, dataTypes, type GraphProto, type NodeProto, type ValueInfoProto } from './model-proto.js';
import type { ProbeMap } from './probe-map.js';
import { listFreeInputs, listTensors, redirectReaders } from './tensors.js';

/** Where a draw of the bundle enters the graph. */
export interface DrawPlace {
  readonly draw: string;
  /** What was replaced, for a report; null if the graph has the input already. */
  readonly replaced: string | null;
  /** The tensor that the file draws in its place, which nothing reads any more; null if the graph has the input. */
  readonly drawn: string | null;
}

/**
 * Gives the graph an input for each draw. A draw without an input takes the place of the tensor of its name, else of
 * the output of the only node that draws as the reference does: RandomUniform, or RandomNormal of its shape. Throws a
 * UserError for a draw that has no place.
 * @param normalShapeOf the shape of a draw of normal numbers; null for one of uniform numbers
 */
export function placeDraws(
  graph: GraphProto,
  draws: readonly string[],
  path: string,
  normalShapeOf: (draw: string) => readonly number[] | null = () => null,
): DrawPlace[] {
  const inputs = new Set(listFreeInputs(graph).map(({ name }) => name));
  const absent = draws.filter((draw) => !inputs.has(draw));
  return draws.map((draw) => {
    if (inputs.has(draw)) return { draw, replaced: null, drawn: null };
    const shape = normalShapeOf(draw);
    const kind = shape === null ? 'Uniform' : 'Normal';
    const all = listDrawingNodes(graph, kind);
    const standard = all.filter((node) => isStandard(node, kind));
    const nodes = standard.filter((node) => shape === null || mayHave(node, shape));
    const node = findDrawingNode(graph, draw, absent.length === 1, nodes);
    if (node === null)
      throw new UserError(
        missingText(path, draw, nodes, all.length === standard.length ? `Random${kind}` : standards[kind]),
      );
    return { draw, ...replaceByInput(graph, node, draw) };
  });
}

/** Nodes that draw numbers. One of the other kind in the place of a draw is a defect that the judge must not hide. */
export function listDrawingNodes(graph: GraphProto, kind: 'Uniform' | 'Normal'): NodeProto[] {
  const operators = [`Random${kind}`, `Random${kind}Like`];
  return (graph.node ?? []).filter(({ opType = '' }) => operators.includes(opType));
}

const standards = {
  Uniform: 'RandomUniform (from 0 to 1)',
  Normal: 'RandomNormal (mean 0, scale 1)',
};

/** From 0 to 1, or of mean 0 and scale 1, as models draw. Another distribution is a defect as well. */
function isStandard({ attribute = [] }: NodeProto, kind: 'Uniform' | 'Normal'): boolean {
  const [from, to] = kind === 'Uniform' ? ['low', 'high'] : ['mean', 'scale'];
  const numberOf = (wanted: string, otherwise: number) => attribute.find(({ name }) => name === wanted)?.f ?? otherwise;
  return numberOf(from!, 0) === 0 && numberOf(to!, 1) === 1;
}

/** A node that does not say its sizes, or says none, as exporters do whose sizes are open. */
function mayHave({ attribute = [] }: NodeProto, shape: readonly number[]): boolean {
  const { ints = [] } = attribute.find(({ name }) => name === 'shape') ?? {};
  return ints.length === 0 || ints.map(Number).join() === shape.join();
}

/**
 * Gives the graph's input for a draw the draw's name: the input that the map names; else, of a draw without a place,
 * the only input that nothing is given to and that takes its shape.
 * @param taken the graph's inputs of what is given
 * @throws UserError for a mapped input that the graph does not have
 */
export function nameDraws(
  graph: GraphProto,
  draws: ReadonlyMap<string, { readonly shape: readonly number[] }>,
  map: ProbeMap,
  taken: readonly string[],
  path: string,
): void {
  const rename = (input: ValueInfoProto, draw: string) => {
    redirectReaders(graph, input.name!, draw);
    input.name = draw;
  };
  for (const [draw] of draws) {
    const mapped = map.get(draw);
    if (mapped === undefined || mapped === draw) continue;
    const inputs = listFreeInputs(graph);
    const input = inputs.find(({ name }) => name === mapped);
    if (input === undefined || taken.includes(mapped)) {
      const names = inputs.flatMap(({ name = '' }) => (taken.includes(name) ? [] : [name]));
      throw new UserError(
        `Cannot map the draw ${draw} to ${mapped}: it is not an input of ${path} that is left for it; one of its inputs (${names.join(', ')}) is wanted`,
      );
    }
    rename(input, draw);
  }
  const tensors = listTensors(graph);
  const lacking = [...draws].filter(([draw]) => !tensors.has(draw));
  for (const [draw, { shape }] of lacking) {
    const fitting = listFreeInputs(graph).filter(
      (input) => !taken.includes(input.name ?? '') && !draws.has(input.name ?? '') && takes(input, shape),
    );
    const rivals = lacking.filter(([, other]) => fitting.some((input) => takes(input, other.shape)));
    if (fitting.length === 1 && rivals.length === 1) rename(fitting[0]!, draw);
  }
}

/** Whether an input is declared as floats of this shape; sizes may be open. */
function takes({ type }: ValueInfoProto, shape: readonly number[]): boolean {
  const { elemType = 0, shape: declared } = type?.tensorType ?? {};
  const dims = declared?.dim;
  return (
    isFloat(elemType) &&
    dims?.length === shape.length &&
    dims.every(({ dimValue = 0n }, axis) => dimValue <= 0n || Number(dimValue) === shape[axis])
  );
}

function findDrawingNode(
  graph: GraphProto,
  draw: string,
  isOnlyDraw: boolean,
  nodes: readonly NodeProto[],
): NodeProto | null {
  const named = (graph.node ?? []).find(({ output }) => output?.includes(draw));
  if (named !== undefined) return named;
  return isOnlyDraw && nodes.length === 1 ? nodes[0]! : null;
}

function replaceByInput(graph: GraphProto, node: NodeProto, draw: string): Omit<DrawPlace, 'draw'> {
  const made = node.output!.includes(draw) ? draw : node.output![0]!;
  const drawn = made === draw ? `${draw}@drawn` : made;
  if (made === draw) node.output = node.output!.map((name) => (name === draw ? drawn : name));
  else redirectReaders(graph, made, castTo(graph, node, draw));
  // Of float16 it is given so, for ONNX Runtime leaves out casts.
  const elemType = typeOf(graph, node) === dataTypes.float16 ? dataTypes.float16 : dataTypes.float32;
  graph.input = [...(graph.input ?? []), { name: draw, type: { tensorType: { elemType } } }];
  return { replaced: describeNode({ ...node, output: [made] }), drawn };
}

/**
 * Of what a node draws. Converters keep such a node in float32: a Cast then makes the tensor of the draw's name, and an
 * Identity may follow.
 */
function typeOf(graph: GraphProto, node: NodeProto, most = 4): number {
  const { opType, input = [], attribute = [] } = node;
  const maker = opType === 'Identity' ? graph.node?.find(({ output }) => output?.includes(input[0]!)) : undefined;
  if (maker !== undefined && most > 0) return typeOf(graph, maker, most - 1);
  const says = opType === 'Cast' ? 'to' : 'dtype';
  return Number(attribute.find(({ name }) => name === says)?.i ?? dataTypes.float32);
}

/** The name by which the node's readers find the draw: a Cast of it where it is given in another type. */
function castTo(graph: GraphProto, node: NodeProto, draw: string): string {
  const type = typeOf(graph, node);
  if (type === dataTypes.float32 || type === dataTypes.float16) return draw;
  const cast = `${draw}@cast`;
  const to = { name: 'to', i: BigInt(type), type: attributeTypes.int };
  graph.node = [{ name: cast, opType: 'Cast', input: [draw], output: [cast], attribute: [to] }, ...(graph.node ?? [])];
  return cast;
}

function missingText(path: string, draw: string, nodes: readonly NodeProto[], operator: string): string {
  const found =
    nodes.length === 0
      ? `the file has no input of that name and no ${operator} node`
      : `the file has no input of that name, and ${nodes.length} ${operator} nodes of which none makes a tensor of that name`;
  return `Cannot run ${path}: the model draws ${draw} at random, and ${found}; an input ${draw} is wanted. Fix: an export that still draws (a simplifier makes constants of what an export of fixed sizes draws), or --map <file> with a line for the input`;
}
