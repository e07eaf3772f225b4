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

async function infer(fault, request, onProbe) {
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
    image.data.map((value) => 2 * value + (fault === 'wrong-y' ? 0.001 : 0)),
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
    y.map((value) => value + 1 + (fault === 'nan-z' ? Number.NaN : 0)),
  );
  const scale = fault === 'wrong-logits' || (fault === 'wrong-shipped' && probes.length === 1) ? 1.001 : 1;
  const shape = fault === 'shape' ? [image.data.length] : image.shape;
  record(
    'logits',
    z.map((value) => scale * value * value),
    shape,
  );
}
