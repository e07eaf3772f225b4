import t from 'tap';
import { UserError } from '../../harness/support/errors.js';
import { nmf } from '../parts/nmf.js';
import { readBackbones } from '../read-backbones.js';
import { parseSegNeXt } from './config.js';

const backbones = (await readBackbones()).flatMap(({ types }) => types);

const minimal = { type: 'SegNeXt', backbone: { type: 'MSCAN_T' }, num_classes: 19, decoder_cfg: {} };

t.test('what is not given has the default of the reference', async (t) => {
  const { backbone, head, numClasses } = parseSegNeXt(minimal);
  t.same(backbone.channels, [32, 64, 160, 256]);
  const { ham, ...rest } = head;
  t.same(rest, {
    channels: 256,
    hamChannels: 512,
    numGroups: 32,
    alignCorners: false,
    dropoutRate: 0.1,
  });
  const { factorise, ...size } = ham;
  t.same(size, {
    ...{ splits: 1, rank: 64, spatial: true, trainSteps: 6, evalSteps: 7 },
    ...{ bases: 'uniform', rectified: true },
  });
  t.equal(factorise, nmf(ham, 'uniform').factorise);
  t.equal(numClasses, 19);
});

t.test('null for ham_kwargs means its defaults', async (t) => {
  t.same(parseSegNeXt({ ...minimal, decoder_cfg: { ham_kwargs: null } }).head, parseSegNeXt(minimal).head);
});

t.test('a section is not changed by reading it', async (t) => {
  const section = structuredClone(minimal);
  parseSegNeXt(section);
  t.same(section, minimal);
});

t.test('bad sections are refused in one sentence that names the key', async (t) => {
  const cases: [section: Record<string, unknown>, says: string][] = [
    [
      { ...minimal, num_clases: 2 },
      'num_clases is not a key that is known here; the keys are type, backbone, decoder_cfg, num_classes, backbone_indices, pretrained. Did you mean num_classes?',
    ],
    [{ ...minimal, num_classes: 0 }, 'num_classes is 0; it must be >= 1'],
    [{ type: 'SegNeXt', backbone: { type: 'MSCAN_T' }, num_classes: 19 }, 'decoder_cfg is missing; it has no default'],
    [
      { ...minimal, backbone: { type: 'MSCAN_X' } },
      `backbone.type is "MSCAN_X"; one of ${backbones.join(', ')} is wanted. Did you mean MSCAN_T?`,
    ],
    [{ ...minimal, backbone: {} }, 'backbone.type is missing; it has no default'],
    [
      { ...minimal, backbone: { type: 'MSCAN_S', embed_dims: [1, 2, 3, 4] } },
      'backbone.embed_dims is not a key that is known here',
    ],
    [
      { ...minimal, backbone: { type: 'MSCAN_L', drop_path_rate: 0.1 } },
      'backbone.drop_path_rate is not a key that is known here',
    ],
    [
      { ...minimal, backbone: { type: 'MSCAN_T', depths: [1, 2, 3] } },
      'backbone has 4 embed_dims, 3 depths and 4 mlp_ratios; one of each per stage is wanted',
    ],
    [
      { ...minimal, backbone: { type: 'MSCAN_T', atten_kernel_sizes: [7, 8] } },
      'backbone.atten_kernel_sizes holds 8; odd sizes are wanted',
    ],
    [
      { ...minimal, decoder_cfg: { ham_chanels: 256 } },
      'decoder_cfg.ham_chanels is not a key that is known here; the keys are channels, dropout_rate, align_corners, ham_channels, num_groups, ham_kwargs. Did you mean ham_channels?',
    ],
    [
      { ...minimal, decoder_cfg: { channels: 250 } },
      'decoder_cfg.channels is 250; a multiple of num_groups (32) is wanted',
    ],
    [{ ...minimal, decoder_cfg: { align_corners: 'no' } }, 'decoder_cfg.align_corners is "no"; it must be boolean'],
    [
      { ...minimal, decoder_cfg: { ham_kwargs: { MD_S: 3 } } },
      'decoder_cfg.ham_channels is 512; a multiple of ham_kwargs.MD_S (3) is wanted',
    ],
    [
      { ...minimal, decoder_cfg: { ham_kwargs: { EVAL_STEP: 3 } } },
      'decoder_cfg.ham_kwargs.EVAL_STEP is not a key that is known here',
    ],
    [
      { ...minimal, decoder_cfg: { ham_kwargs: { SPATIAL: false, RAND_INIT: false } } },
      'decoder_cfg.ham_kwargs has SPATIAL and RAND_INIT false',
    ],
    ...hamKwargs([
      [{ HAM_TYPE: 'PCA' }, '.HAM_TYPE is "PCA"; one of VQ, CD, NMF is wanted. Did you mean CD?'],
      [{ BETA: 0.1 }, ' has BETA and HAM_TYPE NMF; BETA is of CD alone; the key left out is wanted'],
      [{ HAM_TYPE: 'VQ', BETA: 0.1 }, ' has BETA and HAM_TYPE VQ; BETA is of CD alone; the key left out is wanted'],
      [{ HAM_TYPE: 'VQ', RAND_INIT: false }, ' has HAM_TYPE VQ and RAND_INIT false; RAND_INIT true is wanted'],
      [{ HAM_TYPE: 'CD', INV_T: 0 }, ' has INV_T 0; a number above 0 is wanted'],
      [{ HAM_TYPE: 'CD', BETA: -1 }, ' has BETA -1; 0.000001 or more is wanted'],
      [{ HAM_TYPE: 'CD', BETA: '1' }, '.BETA is "1"; it must be number'],
    ]),
    [{ ...minimal, backbone_indices: [0, 1, 2] }, 'backbone_indices [0, 1, 2] count 256 channels; 480 is wanted'],
    [{ ...minimal, backbone_indices: [1, 2, 4] }, 'backbone_indices holds 4; the backbone has 4 stages'],
  ];
  for (const [section, says] of cases) {
    const error = thrownBy(() => parseSegNeXt(section));
    t.ok(error instanceof UserError, says);
    t.ok(error?.message.startsWith(`Cannot read the model section of SegNeXt: ${says}`), error?.message ?? says);
  }
});

t.test('indices that count from the end are those of Python', async (t) => {
  t.same(parseSegNeXt({ ...minimal, backbone_indices: [-3, -2, -1] }).head, parseSegNeXt(minimal).head);
});

function hamKwargs(
  cases: [options: Record<string, unknown>, says: string][],
): [section: Record<string, unknown>, says: string][] {
  return cases.map(([options, says]) => [
    { ...minimal, decoder_cfg: { ham_kwargs: options } },
    `decoder_cfg.ham_kwargs${says}`,
  ]);
}

function thrownBy(body: () => unknown): Error | null {
  try {
    body();
    return null;
  } catch (error) {
    return error instanceof Error ? error : null;
  }
}
