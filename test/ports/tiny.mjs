import { readFileSync } from 'node:fs';

// A port of a network of three steps, y = 2·image, z = y + 1, logits = z · z, with faults on demand (`settings.fault`).
const report = {
  engine: 'plain JavaScript',
  version: process.version,
  device: 'cpu',
  provider: 'javascript',
  tf32: 'not applicable',
  details: {},
};

const said = {
  'no-replacing': { capabilities: new Set(['infer']) },
  'old-flags': { phases: ['infer'], replacesProbes: true },
  tokens: { capabilities: ['infer', 'replace', 'inputs'] },
  'odd-capability': { capabilities: ['infer', 'fly'] },
};

export async function createPort({ settings = {} }) {
  const { fault = 'none' } = settings;
  if (fault === 'start') throw new Error('the engine does not start');
  return {
    report,
    ...(said[fault] ?? { capabilities: ['infer', 'replace'] }),
    async load() {
      if (fault === 'load') throw new Error('there is no such layer');
      if (fault === 'library') readFileSync('/nowhere/libtiny.so');
      loads += 1;
      return {
        infer: (request, onProbe) => infer(fault, request, onProbe),
        dispose: fault === 'late' ? () => new Promise((resolve) => setTimeout(resolve, 200)) : nothing,
      };
    },
    close: nothing,
  };
}

async function nothing() {
  // It holds no resources.
}

/** Of noise that is drawn anew: it differs from run to run, and from load to load. */
let [runs, loads] = [0, 0];

const sizes = { noisy: 1e-3, 'wrong-and-noisy': 1e-3, 'slightly-noisy': 1e-7 };

function noiseOf(fault, at) {
  return fault in sizes ? sizes[fault] * Math.sin(1 + 3 * runs + 7 * at) : 0;
}

async function infer(fault, request, onProbe) {
  runs += 1;
  const { inputs, probes, replacements } = request;
  const image = fault === 'old-image' ? request.image : inputs.get('image');
  if (fault === 'tokens' && inputs.get('tokens').data[11] !== 11n) throw new Error('the tokens did not arrive');
  const record = (name, data, shape = image.shape) => {
    const given =
      [`wrong-shipped-${name}`, 'wrong-shipped-both'].includes(fault) && !probes.includes('y')
        ? data.map((value) => value + 0.001)
        : data;
    if (fault !== `missing-${name}` && probes.includes(name)) onProbe(name, { dtype: 'f4', shape, data: given });
    return replacements.get(name)?.data ?? data;
  };
  const y = record(
    'y',
    image.data.map((value) => 2 * value + (fault === 'wrong-y' || fault === 'wrong-and-noisy' ? 0.001 : 0)),
  );
  if (fault === 'crash') process.kill(process.pid, 'SIGSEGV');
  if (fault === 'abort') process.abort();
  if (fault === 'exit') {
    process.stderr.write('the library says goodbye\n');
    process.exit(7);
  }
  if (fault === 'hang') await new Promise(() => setInterval(Date.now, 1000));
  if (fault === 'memory') for (const kept = []; ; ) kept.push(new Array(10_000_000).fill(kept.length));
  if (fault === 'extra') onProbe('nonsense', { dtype: 'f4', shape: image.shape, data: y });
  if (fault === 'twice') record('y', y);
  if (fault === 'late') setTimeout(() => onProbe('z', { dtype: 'f4', shape: image.shape, data: y }), 0);
  const z = record(
    'z',
    y.map((value, at) => value + 1 + (fault === 'nan-z' ? Number.NaN : 0) + noiseOf(fault, at)),
  );
  const scale = fault === 'wrong-logits' || (fault === 'wrong-shipped' && probes.length === 1) ? 1.001 : 1;
  const seeded = fault === 'noisy-load' && probes.length === 1 ? 1e-4 * loads : 0;
  const shape = fault === 'shape' ? [image.data.length] : image.shape;
  record(
    'logits',
    z.map((value) => scale * value * value + seeded),
    shape,
  );
}
