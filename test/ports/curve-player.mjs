/** A port that plays the losses and rates of `settings` back, from iteration 5 on as `settings.fault` says. */
export async function createPort({ settings: { losses, rates, fault } }) {
  const faulty = { nan: () => Number.NaN, inf: () => Number.POSITIVE_INFINITY, none: (loss) => loss };
  const lossAt = (at) => {
    if (fault === 'constant') return losses[0];
    return at < 5 ? losses[at] : faulty[fault](losses[at]);
  };
  const report = {
    engine: 'a tape',
    version: '1',
    device: 'cpu',
    provider: 'none',
    tf32: 'not applicable',
    details: {},
  };
  return {
    report,
    capabilities: ['train'],
    async load() {
      let made = 0;
      const step = async () => ({ learningRate: rates[made], loss: lossAt(made++) });
      return { infer: nothing, train: async () => ({ step, read: nothing, dispose: nothing }), dispose: nothing };
    },
    close: nothing,
  };
}

async function nothing() {
  // It holds no resources.
}
