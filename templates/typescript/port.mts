// A port that tipcheck judges. Fill in load, infer and, if it trains, train. tipcheck must be installed for the types.
//   npx tsc
//   npx tipcheck check-port port.mjs <bundle>
//   npx tipcheck judge port.mjs <bundle>
import type {
  Float32NdArray,
  InferRequest,
  LoadedModel,
  ModelSection,
  Port,
  PortOptions,
  ProbeSink,
  TrainingBatch,
  TrainingSession,
  TrainRequest,
} from 'tipcheck';

export async function createPort({ device }: PortOptions): Promise<Port> {
  if (device === 'gpu') throw new Error('this port computes on the CPU; --device cpu or auto is wanted');
  return {
    // What computes: ask the engine, do not repeat the request.
    report: {
      engine: 'plain JavaScript',
      version: process.version,
      device: 'cpu',
      provider: 'none',
      tf32: 'not applicable',
      details: {},
    },
    capabilities: new Set(['infer', 'replace', 'train']),
    load,
    async close() {
      // Gives the engine back.
    },
  };
}

/** Your network with these weights. Throw for one that is missing, unexpected or misshapen, and name it. */
async function load(_model: ModelSection, weights: ReadonlyMap<string, Float32NdArray>): Promise<LoadedModel> {
  return {
    infer: (request, onProbe) => infer(weights, request, onProbe),
    train: (request) => train(weights, request),
    async dispose() {
      // Gives the weights' memory back.
    },
  };
}

/** One forward in evaluation mode. `request.draws` stand in place of random numbers of your own. */
async function infer(
  _weights: ReadonlyMap<string, Float32NdArray>,
  { inputs, probes, replacements }: InferRequest,
  onProbe: ProbeSink,
): Promise<void> {
  const calls = new Map<string, number>();
  /** Records a layer's output, NCHW, and gives what is to be computed with in its place. */
  const probe = (name: string, value: Float32NdArray): Float32NdArray => {
    const call = (calls.get(name) ?? 0) + 1;
    calls.set(name, call);
    let used = value;
    for (const asked of [name, `${name}#${call}`]) {
      if (probes.includes(asked)) onProbe(asked, value);
      used = replacements.get(asked) ?? used;
    }
    return used;
  };

  // For each layer: x = probe('backbone.patch_embed1.proj.0', convolve(x, …)); and at the end probe('logits', x).
  void probe;
  void inputs.get('image');
}

/** Training from the weights that were loaded, which stay as they are. A port without it has no capability `train`. */
async function train(
  _weights: ReadonlyMap<string, Float32NdArray>,
  { optimizer: _optimizer, lrScheduler: _lrScheduler, loss: _loss, iters: _iters }: TrainRequest,
): Promise<TrainingSession> {
  return {
    /** Forward, backward, update. The gradients are the loss's own; they and the loss are those before the update. */
    async step(_batch: TrainingBatch, _onGradient: ProbeSink) {
      return { learningRate: 0, loss: Number.NaN };
    },
    async read(_names: readonly string[], _onValue: ProbeSink) {
      // onValue(name, array) for each parameter or statistic.
    },
    async dispose() {
      // Gives what the steps held back.
    },
  };
}
