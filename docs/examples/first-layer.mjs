// A port that knows the first layer of SegNeXt, a 3 × 3 convolution with stride 2, and nothing else: what a port looks
// like.
//   npx --no -- tipcheck judge docs/examples/first-layer.mjs segnext-t --only backbone.patch_embed1.proj.0

const layer = 'backbone.patch_embed1.proj.0';

export async function createPort({ device }) {
  if (device === 'gpu') throw new Error('this port computes on the CPU; --device cpu or auto is wanted');
  return {
    report: {
      engine: 'plain JavaScript',
      version: process.version,
      device: 'cpu',
      provider: 'none',
      tf32: 'not applicable',
      details: {},
    },
    capabilities: ['infer'],
    load,
    async close() {
      // Nothing to give back.
    },
  };
}

async function load(model, weights) {
  if (model.type !== 'SegNeXt') throw new Error(`the model is ${model.type}; this port knows SegNeXt`);
  const [weight, bias] = ['weight', 'bias'].map((part) => {
    const found = weights.get(`${layer}.${part}`);
    if (found === undefined) throw new Error(`the weights lack ${layer}.${part}`);
    return found;
  });
  return {
    async infer({ inputs, probes }, onProbe) {
      if (probes.includes(layer)) onProbe(layer, convolve(inputs.get('image'), weight, bias));
    },
    async dispose() {
      // Nothing to give back.
    },
  };
}

/** image [b, 3, h, w], weight [o, 3, 3, 3], bias [o]: stride 2, padding 1, all NCHW in C order. */
function convolve(image, weight, bias) {
  const [b, channels, h, w] = image.shape;
  const [o] = weight.shape;
  const [rows, columns] = [Math.ceil(h / 2), Math.ceil(w / 2)];
  const data = new Float32Array(b * o * rows * columns);
  let at = 0;
  for (let n = 0; n < b; n++)
    for (let out = 0; out < o; out++)
      for (let row = 0; row < rows; row++)
        for (let column = 0; column < columns; column++) {
          let sum = bias.data[out];
          for (let channel = 0; channel < channels; channel++)
            for (let y = 0; y < 3; y++)
              for (let x = 0; x < 3; x++) {
                const [from, to] = [2 * row + y - 1, 2 * column + x - 1];
                if (from < 0 || from >= h || to < 0 || to >= w) continue;
                const pixel = image.data[((n * channels + channel) * h + from) * w + to];
                sum += pixel * weight.data[((out * channels + channel) * 3 + y) * 3 + x];
              }
          data[at++] = sum;
        }
  return { dtype: 'f4', shape: [b, o, rows, columns], data };
}
