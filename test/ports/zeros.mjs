/**
 * A port that computes nothing: zeros, in the shape of the image; on the device that `settings`, or TEST_DEVICE, say.
 */
export async function createPort({ settings }) {
  return {
    report: {
      engine: 'nothing',
      version: '1',
      device: settings.device ?? process.env.TEST_DEVICE ?? 'cpu',
      provider: 'none',
      tf32: 'not applicable',
      details: {},
    },
    capabilities: settings.replaces === true ? ['infer', 'replace'] : ['infer'],
    async load() {
      return {
        async infer({ inputs, probes }, onProbe) {
          const { shape, data } = inputs.get('image');
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
