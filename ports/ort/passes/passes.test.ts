import t from 'tap';
import type { Node } from '../../../onnx/graph.js';
import { type Builder, newBuilder } from '../graph/builder.js';
import { openRuntime } from '../session.js';
import { relativeRms, runSmallGraph, smallGraph } from '../small-model-for-tests.js';
import { affineAsConv } from './affine-as-conv.js';
import { channelsLastTokens } from './channels-last-tokens.js';
import { foldBatchNorms } from './fold-batch-norms.js';
import { foldChannelScales } from './fold-channel-scales.js';
import { foldUnsqueezes } from './fold-unsqueezes.js';
import { mergeShortcuts } from './merge-shortcuts.js';
import { optimizeGraph } from './optimize-graph.js';
import { reorderSums } from './reorder-sums.js';
import { resizeAfterConv } from './resize-after-conv.js';
import { resizeByProducts } from './resize-by-products.js';
import { splitHiddenChannels } from './split-hidden-channels.js';

/** Two ways of rounding the same sums differ by less than this; a wrong one by far more. */
const rounding = 3e-6;
const imageShape = [2, 3, 70, 45];

const runtime = await openRuntime({ device: 'cpu', threads: 1 });
const plain = await smallGraph({ probes: ['logits'] });
const expected = (await runSmallGraph(runtime, plain, imageShape)).data;

/** Each after those that it builds on, with how many nodes of an operator it adds or removes. */
const passes: readonly [
  pass: (builder: Builder) => void,
  before: readonly ((builder: Builder) => void)[],
  change: object,
][] = [
  [foldUnsqueezes, [], { Unsqueeze: -6 }],
  [foldChannelScales, [], { Mul: -10 }],
  [foldBatchNorms, [], { BatchNormalization: -10 }],
  [mergeShortcuts, [foldChannelScales, foldBatchNorms], { BatchNormalization: -5, Conv: 5, Add: -5 }],
  // Hidden channels 128 of the first stage in two parts, 128 of the second and third in two, 192 of the fourth in
  // three.
  [splitHiddenChannels, [], { Conv: 18, Gelu: 6, Add: 6 }],
  [reorderSums, [], { Add: 0 }],
  [resizeAfterConv, [], { Conv: 2, Concat: -1, Add: 2 }],
  [channelsLastTokens, [], { Transpose: 0, Reshape: 1 }],
  [affineAsConv, [foldUnsqueezes], { Mul: -3, Add: -3, Conv: 3 }],
  [resizeByProducts, [], { Resize: -1, MatMul: 2 }],
];

for (const [pass, before, change] of passes) {
  t.test(`${pass.name} changes what it should and no result`, async (t) => {
    const graph = await smallGraph({ probes: ['logits'] });
    for (const earlier of before) earlier(newBuilder(graph));
    const [counted, wired] = [countOperators(graph.nodes), wiring(graph.nodes)];
    pass(newBuilder(graph));
    t.not(wiring(graph.nodes), wired);
    const after = countOperators(graph.nodes);
    for (const [op, by] of Object.entries(change)) t.equal((after[op] ?? 0) - (counted[op] ?? 0), by, op);
    t.ok(relativeRms((await runSmallGraph(runtime, graph, imageShape)).data, expected) < rounding);
  });
}

t.test(
  'the optimised graph has no norm, scale or joined map left, and gives the same logits at any size',
  async (t) => {
    const graph = await smallGraph({ probes: ['logits'] });
    optimizeGraph(graph);
    const { BatchNormalization = 0, Unsqueeze = 0, Mul = 0 } = countOperators(graph.nodes);
    t.equal(BatchNormalization, 0);
    t.equal(Unsqueeze, 0);
    t.equal(Mul, 5 + 15, "a gate per block, and one in each of NMF's updates");
    for (const shape of [imageShape, [1, 3, 32, 32], [1, 3, 33, 97]]) {
      const { data } = await runSmallGraph(runtime, graph, shape);
      const { data: wanted } = await runSmallGraph(runtime, plain, shape);
      const error = relativeRms(data, wanted);
      t.ok(error > 0 && error < rounding, `${error} at ${shape.join('×')}`);
    }
  },
);

t.test('nothing is folded across what is observed', async (t) => {
  const observed = ['backbone.patch_embed1.proj.0', 'backbone.block1.0.mlp.act', 'backbone.block1.0.attn', 'logits'];
  const graph = await smallGraph({ probes: observed });
  const before = new Map(graph.outputs);
  optimizeGraph(graph);
  t.strictSame([...graph.outputs.keys()], [...before.keys()]);
  const made = new Set(graph.nodes.flatMap((node) => node.outputs));
  for (const name of observed.slice(0, 3)) t.ok(made.has(graph.outputs.get(name)!), name);
  t.equal(graph.outputs.get(observed[0]!), before.get(observed[0]!), 'the convolution keeps its norm apart');
  t.ok(relativeRms((await runSmallGraph(runtime, graph, imageShape)).data, expected) < rounding);
});

function wiring(nodes: readonly Node[]): string {
  return nodes.map(({ op, inputs }) => `${op} ${inputs.map((input) => input?.name).join()}`).join('\n');
}

function countOperators(nodes: readonly { readonly op: string }[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { op } of nodes) counts[op] = (counts[op] ?? 0) + 1;
  return counts;
}
