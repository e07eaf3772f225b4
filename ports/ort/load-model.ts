import type { Float32NdArray, NdArray } from '../../harness/contract/nd-array.js';
import type { InferRequest, LoadedModel, ModelSection, ProbeSink } from '../../harness/contract/port.js';
import { EnvironmentError } from '../../harness/support/errors.js';
import { packageVersion } from '../../harness/support/package-root.js';
import type { ModelDefinition } from '../../models/model-definition.js';
import type { ModelSource } from '../../models/registry.js';
import { takeImage } from '../../models/take-image.js';
import { validateDraws, validateWeights } from '../../models/validate-weights.js';
import { encodeGraph } from '../../onnx/encode-graph.js';
import { replacementInput } from './build-context.js';
import { buildModelGraph } from './build-model-graph.js';
import type { SessionOptions } from './engine.js';
import type { newTape } from './gradients/tape.js';
import { newBuilder } from './graph/builder.js';
import { measurePlacement } from './measure-placement.js';
import { optimizeGraph } from './passes/optimize-graph.js';
import { resizeByProducts } from './passes/resize-by-products.js';
import type { Runtime, Session } from './session.js';

/** A model in ONNX Runtime. A session is opened for each set of probes and replacements that is asked for. */
export async function loadModel(
  runtime: Runtime,
  section: ModelSection,
  weights: ReadonlyMap<string, Float32NdArray>,
  { findModel, newTape, blocked }: LoadOptions,
): Promise<LoadedModel> {
  const definition = await findModel(section);
  const config = definition.parse(section);
  validateWeights(weights, definition.parameters(config));
  const scores = definition.scores?.(config) ?? null;
  const ready: Ready = { definition, config, weights, scores };
  const sessions = new Map<string, Session>();
  const sessionOf = async (probes: readonly string[], replaced: readonly string[]) => {
    const key = keyOf(probes, replaced);
    const session = sessions.get(key) ?? (await openSession(runtime, ready, probes, replaced));
    sessions.set(key, session);
    return session;
  };
  return {
    ...(scores === null ? {} : { scores }),
    ...(runtime.report.device === 'gpu' ? { details: { 'on the processor': await placeModel(runtime, ready) } } : {}),
    async prepare({ probes, replaced }) {
      await sessionOf(probes, replaced);
    },
    async infer(request, onProbe) {
      validateDraws(request.draws, definition.draws(config, takeImage(request.inputs).shape));
      const replaced = [...request.replacements.keys()];
      const session = await sessionOf(request.probes, replaced);
      await infer(session, request, onProbe);
      if (!request.isPart) return;
      // Its memory is free for the next part.
      sessions.delete(keyOf(request.probes, replaced));
      await session.release();
    },
    reads({ probes, replaced }) {
      const { inputs } = buildModelGraph(definition, config, weights, { probes, replaced });
      const read = new Set(inputs.map(({ name }) => name));
      return replaced.filter((name) => read.has(replacementInput(name)));
    },
    // Its imports take a fifth of a second, which inference does not wait for.
    async train(request) {
      const { startTraining } = await import('./training/start-training.js');
      return startTraining(runtime, { ...ready, newTape, blocked }, request);
    },
    async dispose() {
      for (const session of sessions.values()) await session.release();
      sessions.clear();
    },
  };
}

/** What the port is built of: bugs/ hands in others, which are wrong. */
export interface PortParts extends ModelSource {
  readonly newTape: typeof newTape;
}

export interface LoadOptions extends PortParts {
  /** Whether training uses ONNX Runtime's own operators beside ONNX's; null: where it can. */
  readonly blocked: boolean | null;
}

function keyOf(probes: readonly string[], replaced: readonly string[]): string {
  return JSON.stringify([probes, replaced]);
}

interface Ready {
  readonly definition: ModelDefinition<unknown>;
  readonly config: unknown;
  readonly weights: ReadonlyMap<string, Float32NdArray>;
  readonly scores: string | null;
}

/**
 * A graph for `logits` alone, or for what they are resized from, is the graph that users run: folded and fused. A graph
 * with other probes stays as the model states it.
 */
async function openSession(
  runtime: Runtime,
  { definition, config, weights, scores }: Ready,
  probes: readonly string[],
  replaced: readonly string[],
): Promise<Session> {
  const graph = buildModelGraph(definition, config, weights, { probes, replaced });
  validateProbes(probes, graph.outputs);
  const shipped = replaced.length === 0 && probes.length === 1 && (probes[0] === 'logits' || probes[0] === scores);
  if (shipped) optimizeGraph(graph, runtime.report);
  // Not in exported graphs: other engines know Resize better.
  if (shipped && runtime.report.device === 'cpu') resizeByProducts(newBuilder(graph));
  const model = encodeGraph(graph, { producerVersion: packageVersion, metadata: new Map() });
  // 'basic' folds batch norms into convolutions, at 6 × noise on single elements; 'all' runs the kernels that users
  // run.
  return runtime.openSession(model, 'all', shipped ? {} : forOneRun(runtime));
}

/**
 * For a session that runs once or twice. ONNX Runtime 1.26 compares each tensor with all that are free before it, to
 * use their memory again: of the graph with all probes replaced, a third of the time that its session takes. For
 * branches that may run beside each other it does not. Threads that spin after a run take 0.15 s of the processor,
 * which what follows waits for. The kernels and their numbers are the same.
 */
function forOneRun({ report }: Runtime): Partial<SessionOptions> {
  const still = { allow_spinning: '0' } as const;
  return report.device === 'cpu'
    ? { executionMode: 'parallel', extra: { session: { intra_op: still, inter_op: still } } }
    : {};
}

/** What of the graph that users run stays on the processor. */
async function placeModel(runtime: Runtime, { definition, config, weights }: Ready): Promise<string> {
  const graph = buildModelGraph(definition, config, weights, { probes: ['logits'] });
  optimizeGraph(graph, runtime.report);
  const image = definition.exampleImage(config);
  return measurePlacement(runtime, graph, new Map([['image', image], ...definition.draws(config, image)]));
}

function validateProbes(asked: readonly string[], outputs: ReadonlyMap<string, unknown>): void {
  if (outputs.size > 0) return;
  throw new EnvironmentError(
    `Cannot run the model: it records none of the probes asked for (${asked.join(', ')}); at least one is wanted`,
  );
}

async function infer(session: Session, request: InferRequest, onProbe: ProbeSink): Promise<void> {
  const feeds = new Map<string, NdArray>([...request.inputs, ...request.draws]);
  for (const [name, value] of request.replacements) feeds.set(replacementInput(name), value);
  const known = new Set(session.inputNames);
  for (const name of feeds.keys()) if (!known.has(name)) feeds.delete(name);
  for (const [name, value] of await session.run(feeds)) onProbe(name, value);
}
