// A port of a network y = 2·image, twin = y, z = y + 1, logits = z · z, with faults on demand (`settings.fault`): one
// of a layer, `wrong-twin`, or in one element of z, `nan 1`.
const report = {
  engine: 'plain JavaScript',
  version: process.version,
  device: 'cpu',
  provider: 'javascript',
  tf32: 'not applicable',
  details: {},
};

export async function createPort({ settings = {} }) {
  const { fault = 'none' } = settings;
  return {
    report,
    phases: ['infer'],
    replacesProbes: true,
    load: async () => ({ infer: (request, onProbe) => infer(fault, request, onProbe), dispose: nothing }),
    close: nothing,
  };
}

async function nothing() {
  // It holds no resources.
}

async function infer(fault, request, onProbe) {
  const { image = request.inputs.get('image'), probes, replacements } = request;
  const [kind, at] = fault.split(' ');
  const record = (name, data) => {
    if (kind === `wrong-${name}`) data[0] += 0.01;
    if (name === 'z' && kind === 'nan') data[at] = Number.NaN;
    if (name === 'z' && kind === 'all-nan') data.fill(Number.NaN);
    if (name === 'z' && kind === 'far') data[at] += 100;
    if (probes.includes(name)) onProbe(name, { dtype: 'f4', shape: image.shape, data });
    return replacements.get(name)?.data ?? data;
  };
  const y = record(
    'y',
    image.data.map((value) => 2 * value),
  );
  const twin = record('twin', y.slice());
  const z = record(
    'z',
    twin.map((value) => value + 1),
  );
  record(
    'logits',
    z.map((value) => value * value),
  );
}
