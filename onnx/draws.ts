import { UserError } from '../harness/support/errors.js';
import { dataTypes, type GraphProto, type NodeProto } from './model-proto.js';
import { listFreeInputs, redirectReaders } from './tensors.js';

/** Where a draw of the bundle enters the graph. */
export interface DrawPlace {
  readonly draw: string;
  /** What was replaced, for a report; null if the graph has the input already. */
  readonly replaced: string | null;
}

/**
 * Gives the graph an input for each draw. A draw without an input takes the place of the tensor of its name, else of
 * the output of the only RandomUniform node. Throws a UserError for a draw that has no place.
 */
export function placeDraws(graph: GraphProto, draws: readonly string[], path: string): DrawPlace[] {
  const inputs = new Set(listFreeInputs(graph).map(({ name }) => name));
  const absent = draws.filter((draw) => !inputs.has(draw));
  return draws.map((draw) => {
    if (inputs.has(draw)) return { draw, replaced: null };
    const node = findDrawingNode(graph, draw, absent.length === 1);
    if (node === null) throw new UserError(missingText(path, draw, listDrawingNodes(graph)));
    return { draw, replaced: replaceByInput(graph, node, draw) };
  });
}

/** Nodes that draw numbers. */
export function listDrawingNodes(graph: GraphProto): NodeProto[] {
  return (graph.node ?? []).filter(({ opType }) => opType !== undefined && drawingOperators.has(opType));
}

/** The reference draws uniformly. A normal draw in that place is a defect that the judge must not hide. */
const drawingOperators = new Set(['RandomUniform', 'RandomUniformLike']);

function findDrawingNode(graph: GraphProto, draw: string, isOnlyDraw: boolean): NodeProto | null {
  const nodes = listDrawingNodes(graph);
  const named = (graph.node ?? []).find(({ output }) => output?.includes(draw));
  if (named !== undefined) return named;
  return isOnlyDraw && nodes.length === 1 ? nodes[0]! : null;
}

function replaceByInput(graph: GraphProto, node: NodeProto, draw: string): string {
  const made = node.output!.includes(draw) ? draw : node.output![0]!;
  if (made === draw) node.output = node.output!.map((name) => (name === draw ? `${draw}@drawn` : name));
  else redirectReaders(graph, made, draw);
  graph.input = [...(graph.input ?? []), { name: draw, type: { tensorType: { elemType: dataTypes.float32 } } }];
  return `${node.opType} ${node.name === undefined || node.name === '' ? made : node.name}`;
}

function missingText(path: string, draw: string, nodes: readonly NodeProto[]): string {
  const found =
    nodes.length === 0
      ? 'the file has no input of that name and no RandomUniform node'
      : `the file has no input of that name, and ${nodes.length} RandomUniform nodes of which none makes a tensor of that name`;
  return `Cannot run ${path}: the model draws ${draw} at random, and ${found}; an input ${draw} is wanted`;
}
