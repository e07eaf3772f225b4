/** A port that computes nothing: zeros, in the shape of the image. */
export async function createPort() {
  return {
    report: {
      engine: 'nothing',
      version: '1',
      device: 'cpu',
      provider: 'none',
      tf32: 'not applicable',
      details: {},
    },
    phases: ['infer'],
    replacesProbes: false,
    async load() {
      return {
        async infer({ image: { shape, data }, probes }, onProbe) {
          for (const name of probes) onProbe(name, { dtype: 'f4', shape, data: new Float32Array(data.length) });
        },
        dispose: nothing,
      };
    },
    close: nothing,
  };
}

async function nothing() {
  // It holds no resources.
}
