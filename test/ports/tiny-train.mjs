/**
 * A port that answers a tiny train bundle (harness/golden/test-bundle.ts) from memory, or wrongly as `settings.fault`
 * says.
 */
export async function createPort({ settings }) {
  const fault = settings.fault ?? 'none';
  const values = (count, change = (value) => value) =>
    Float32Array.from({ length: count }, (_, i) => change(Math.sin(i) + 2));
  const send = (name, onValue, change) => {
    if (fault === `missing-${name}`) return;
    const shape = name === 'conv.weight' ? [3, 3, 1, 1] : [3];
    const data = values(shape[0] * (shape[1] ?? 1), change);
    onValue(name, { dtype: 'f4', shape: fault === 'shape' ? [data.length, 1] : shape, data });
  };
  return {
    report: {
      engine: 'plain JavaScript',
      version: '1',
      device: 'cpu',
      provider: 'none',
      tf32: 'not applicable',
      details: {},
    },
    capabilities: ['infer', 'train'],
    async load() {
      return {
        infer: nothing,
        async train({ optimizer, lrScheduler, loss, iters }) {
          if (optimizer.type !== 'AdamW' || lrScheduler.power !== 1 || loss.coef[0] !== 1 || iters !== 10) {
            throw new Error('the sections did not arrive');
          }
          let steps = 0;
          return {
            details: { iterations: String(iters) },
            async step({ inputs, label, gradients }, onGradient) {
              if (fault === 'crash') process.kill(process.pid, 'SIGSEGV');
              if (inputs.get('image').shape.length !== 4 || label.data[2] !== 255n)
                throw new Error('the batch did not arrive');
              steps++;
              for (const name of gradients)
                send(name, onGradient, (value) => (fault === 'gradient' ? 1.01 * value : value));
              return {
                learningRate: fault === 'rate' ? 0.000060001 : 0.00006,
                loss: fault === 'loss-nan' ? Number.NaN : fault === 'loss' ? 1.26 : 1.25,
              };
            },
            async read(names, onValue) {
              if (steps === 0 && fault !== 'none') throw new Error('read before a step');
              const change = (value) => (fault === 'value-nan' ? Number.NaN : value);
              for (const name of names) send(name, onValue, name === 'norm._mean' ? undefined : change);
            },
            dispose: nothing,
          };
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
