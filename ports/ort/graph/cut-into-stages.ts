import { isAllReduce } from './all-reduce.js';
import { findConsumers, findProducers, type Graph, type Node, newGraph, type Value } from './graph.js';

/** A part of a graph that runs in one go, and what is summed over ranks once it has run. */
export interface Stage {
  /** Its inputs are the whole graph's and what earlier stages left; its outputs the whole graph's and what it leaves. */
  readonly graph: Graph;
  /** What later stages or a sum read, each under its own name. */
  readonly left: ReadonlySet<Value>;
  readonly sums: readonly Sum[];
}

export interface Sum {
  readonly share: Value;
  readonly total: Value;
}

/**
 * Cuts a graph at its sums over ranks. Nodes keep their order: a stage ends where a node reads a sum that has not been made,
 * so that sums which wait for nothing of each other are made together. A graph without sums is one stage.
 */
export function cutIntoStages(graph: Graph): readonly Stage[] {
  validateShares(graph);
  const producers = findProducers(graph);
  const stageOf = assignStages(graph);
  const madeIn = (value: Value): number => {
    const producer = producers.get(value);
    return producer === undefined ? 0 : stageOf.get(producer)! + (isAllReduce(producer) ? 1 : 0);
  };
  const last = Math.max(0, ...stageOf.values(), ...[...graph.outputs.values()].map(madeIn));
  const stages = Array.from({ length: last + 1 }, openStage);

  for (const node of graph.nodes) {
    const at = stageOf.get(node)!;
    if (isAllReduce(node)) sum(node.inputs[0]!, node.outputs[0]!, at);
    else place(node, at);
  }
  for (const [name, value] of graph.outputs) {
    bring(value, madeIn(value));
    stages[madeIn(value)]!.graph.outputs.set(name, value);
  }
  return stages;

  function place(node: Node, at: number): void {
    const { graph: part, has } = stages[at]!;
    for (const input of node.inputs) if (input !== null) bring(input, at);
    part.nodes.push(node);
    for (const made of node.outputs) has.add(made);
  }

  /** Makes a value readable in a stage. */
  function bring(value: Value, at: number): void {
    const { graph: part, has } = stages[at]!;
    if (value.constant !== null || has.has(value)) return;
    has.add(value);
    const producer = producers.get(value);
    // What only gives another shape is free: its source is brought, and not both.
    if (producer !== undefined && isView(producer)) place(producer, at);
    else {
      part.inputs.push(value);
      if (producer !== undefined && !isAllReduce(producer)) leave(value);
    }
  }

  function leave(value: Value): void {
    const { graph: part, left } = stages[madeIn(value)]!;
    if (value.dtype !== 'float32') throw new Error(`${value.name} is ${value.dtype}; stages hand on float32 alone`);
    left.add(value);
    part.outputs.set(value.name, value);
  }

  function sum(share: Value, total: Value, at: number): void {
    stages[at]!.sums.push({ share, total });
    leave(share);
  }
}

interface OpenStage extends Stage {
  readonly left: Set<Value>;
  readonly sums: Sum[];
  /** What its nodes can read. */
  readonly has: Set<Value>;
}

function openStage(): OpenStage {
  return { graph: newGraph(), left: new Set(), sums: [], has: new Set() };
}

function isView(node: Node): boolean {
  return node.domain === '' && node.op === 'Reshape';
}

/** The stage in which each node runs; a sum belongs to the one after which it is made. */
function assignStages(graph: Graph): ReadonlyMap<Node, number> {
  const stages = new Map<Node, number>();
  /** Of totals: the first stage that can read them. */
  const readableIn = new Map<Value, number>();
  let current = 0;
  for (const node of graph.nodes) {
    for (const input of node.inputs) if (input !== null) current = Math.max(current, readableIn.get(input) ?? 0);
    stages.set(node, current);
    if (isAllReduce(node)) readableIn.set(node.outputs[0]!, current + 1);
  }
  return stages;
}

/** A share is summed in place, and is made by a node: nobody else may see it. */
function validateShares(graph: Graph): void {
  const consumers = findConsumers(graph);
  const producers = findProducers(graph);
  const leaving = new Set(graph.outputs.values());
  for (const node of graph.nodes) {
    if (!isAllReduce(node)) continue;
    const share = node.inputs[0]!;
    const producer = producers.get(share);
    if (consumers.get(share)!.length > 1 || leaving.has(share))
      throw new Error(`${share.name}, which is summed over ranks, is read by others`);
    if (producer === undefined || isAllReduce(producer))
      throw new Error(`${share.name}, which is summed over ranks, is made by no node`);
  }
}
