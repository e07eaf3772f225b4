import type { Bug, Showing } from '../bug.js';

export const bug: Bug = {
  what: 'a layer sends back gradients that are 1.5 times too large; its forward is right',
  shows: [
    showing('backbone.block3.1.mlp.fc1'),
    showing('backbone.patch_embed1.proj.3'),
    showing('backbone.block2.0.attn.spatial_gating_unit.dwconvs.0.conv1_1'),
    showing('backbone.block4.1.attn.proj_2'),
    showing('decode_head.hamburger.ham_in'),
  ],
  tape(tape, layer) {
    const { emitter } = tape;
    return {
      ...tape,
      record(output, inputs, rule, options) {
        if (emitter.builder.scope !== layer) return tape.record(output, inputs, rule, options);
        const wrong: typeof rule = (gradient) =>
          rule(gradient).map((part) => (part === null ? null : emitter.mul(part, emitter.scalar(1.5))));
        return tape.record(output, inputs, wrong, options);
      },
    };
  },
};

function showing(layer: string): Showing {
  const first = new RegExp(`^grads/${layer.replaceAll('.', '\\.')}\\.(weight|bias)$`);
  return { golden: 'segnext-t-train', layer, first, cause: 'gradient' };
}
