import { createHash } from 'node:crypto';
import t from 'tap';
import { definition } from './model.js';

const sizes = ['MSCAN', 'MSCAN_T', 'MSCAN_S', 'MSCAN_B', 'MSCAN_L'];

function sectionOf(backbone: object, ham: object = {}) {
  const decoder = { channels: 256, ham_channels: 256, ham_kwargs: { MD_R: 16, ...ham } };
  return { type: 'SegNeXt', backbone, num_classes: 19, decoder_cfg: decoder };
}

function codesOf(backbone: object, ham: object = {}) {
  const config = definition.parse(sectionOf(backbone, ham));
  return { parameters: definition.parameters(config), codes: definition.foreign!(config) };
}

/**
 * SHA-256 of the sorted lines `name extents` of state_dict() in PyTorch 2.8.0, num_batches_tracked left out: MSCAN and
 * LightHamHead of mmsegmentation 1.2.2, and of the authors' repository. docs/convert.md says how they were made.
 */
const inTorch: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  MSCAN_T: {
    mmseg: 'f64d7a86c021b741aef161b590f3d6078f22f1c3f1221c43ac4b17164047011b',
    authors: 'e1fe892be789573d1bebfd41bf6a83da3bdab8327fbc2af704c1d3581a32b6d7',
  },
  MSCAN_S: {
    mmseg: '2f9b97228e94c56e91de7cda2f6ae67f9a2f31edb87e3c0e1ffeae5362d8f1b6',
    authors: 'a63216c5da50ffadc922e63efce1cad529ffe496b08ff26887c27815a3865b3e',
  },
  MSCAN_B: {
    mmseg: 'b7db064a192e80cb5931e6b03d2493b4a4603587000dfe2e3cba545b35da6987',
    authors: 'de3e0c82788c6fbe7ae8c40adfc34731715d06bc499b4b63947633cf69f9cc87',
  },
  MSCAN_L: {
    mmseg: 'bc0dd0ddc73c1b60820514251efa8fd1533c609adc2d491a9a7a4ba0f5512e43',
    authors: 'd8bd26dab131939aec6959a19935a409b7b4e0565fd7a7f7639ff4d9b063403c',
  },
};

t.test('the names and shapes are those that the two codes have in PyTorch', async (t) => {
  for (const [backbone, hashes] of Object.entries(inTorch))
    for (const { name, tensors } of codesOf({ type: backbone }).codes) {
      const lines = [...tensors.values()].map((tensor) => `${tensor.name} ${tensor.shape.join(' ')}`);
      const hash = createHash('sha256').update(lines.sort().join('\n')).digest('hex');
      t.equal(hash, hashes[name], `${backbone}, ${name}`);
    }
});

t.test('every tensor of every size has one name of its own in each code', async (t) => {
  for (const type of sizes) {
    const { parameters, codes } = codesOf({ type }, { RAND_INIT: false });
    t.strictSame(
      codes.map(({ name }) => name),
      ['mmseg', 'authors'],
      type,
    );
    for (const { tensors } of codes) {
      t.strictSame([...tensors.keys()], [...parameters.keys()]);
      t.equal(new Set([...tensors.values()].map(({ name }) => name)).size, parameters.size);
    }
  }
});

t.test('one of each kind of name', async (t) => {
  const [mmseg, authors] = codesOf({ type: 'MSCAN_T' }, { RAND_INIT: false }).codes;
  const gate = 'backbone.block1.0.attn.spatial_gating_unit';
  for (const [ours, theirs, shape] of [
    ['backbone.patch_embed1.proj.1._mean', 'backbone.patch_embed1.proj.1.running_mean', [16]],
    ['backbone.patch_embed2.norm._variance', 'backbone.patch_embed2.norm.running_var', [64]],
    ['backbone.block1.0.layer_scale_1', 'backbone.block1.0.layer_scale_1', [32]],
    [`${gate}.conv0.bias`, `${gate}.conv0.bias`, [32]],
    [`${gate}.dwconvs.0.conv1_1.weight`, `${gate}.conv0_1.weight`, [32, 1, 1, 7]],
    [`${gate}.dwconvs.2.conv3_2.weight`, `${gate}.conv2_2.weight`, [32, 1, 21, 1]],
    [`${gate}.conv_out.weight`, `${gate}.conv3.weight`, [32, 32, 1, 1]],
    ['backbone.block1.0.mlp.dwconv.bias', 'backbone.block1.0.mlp.dwconv.bias', [256]],
    ['backbone.norm4.weight', 'backbone.norm4.weight', [256]],
    ['decode_head.squeeze._conv.weight', 'decode_head.squeeze.conv.weight', [256, 480, 1, 1]],
    ['decode_head.hamburger.ham_in.bias', 'decode_head.hamburger.ham_in.conv.bias', [256]],
    ['decode_head.hamburger.ham.bases', 'decode_head.hamburger.ham.bases', [1, 256, 16]],
    ['decode_head.hamburger.ham_out._group_norm.bias', 'decode_head.hamburger.ham_out.gn.bias', [256]],
    ['decode_head.conv_seg.weight', 'decode_head.conv_seg.weight', [19, 256, 1, 1]],
  ] as const) {
    t.strictSame(mmseg!.tensors.get(ours), { name: theirs, shape }, ours);
    const wrapped = theirs.replace('mlp.dwconv', 'mlp.dwconv.dwconv');
    t.strictSame(authors!.tensors.get(ours), { name: wrapped, shape }, ours);
  }
});

t.test('what files of PyTorch hold beside it is explained, and nothing else', async (t) => {
  const [mmseg] = codesOf({ type: 'MSCAN_T' }).codes;
  t.match(mmseg!.explainSurplus('backbone.patch_embed2.norm.num_batches_tracked'), "a count of PyTorch's norms");
  t.match(mmseg!.explainSurplus('head.weight'), 'the classifier of ImageNet');
  for (const name of ['backbone.norm1.num_batches_tracked', 'num_batches_tracked', 'head.scale', 'decode_head.other'])
    t.equal(mmseg!.explainSurplus(name), null, name);
});

t.test('a network that the codes cannot have has no table', async (t) => {
  t.strictSame(codesOf({ type: 'MSCAN', atten_kernel_sizes: [7, 11, 21, 31] }).codes, []);
});
