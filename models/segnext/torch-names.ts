import type { ForeignCode, ForeignTensor } from '../foreign-code.js';

/**
 * The network's two codes in PyTorch. Sources: `mscan.py` and `ham_head.py` of mmsegmentation 1.2.2 on PyPI, and of the
 * authors' repository (Visual-Attention-Network/SegNeXt, c87bcae), whose files differ in one name. docs/convert.md has
 * every difference.
 * @param parameters as the definition has them
 * @returns none for a network whose layers those codes do not have: another backbone, more than three strips
 */
export function torchCodes(parameters: ReadonlyMap<string, readonly number[]>): readonly ForeignCode[] {
  return codes.flatMap(({ name, title, rules }) => {
    const tensors = new Map<string, ForeignTensor>();
    for (const [ours, shape] of parameters) {
      const theirs = rename(ours, rules);
      if (theirs === null) return [];
      tensors.set(ours, { name: theirs, shape: isLayerScale(ours) ? shape.slice(0, 1) : shape });
    }
    const known = new Set([...tensors.values()].map((tensor) => tensor.name));
    return [{ name, title, tensors, explainSurplus: (theirs) => explainSurplus(theirs, known) }];
  });
}

/** A layer's name, all of it, and what it is replaced by. `$&` is the same name. */
type Rule = readonly [layer: RegExp, theirs: string];

/** Every layer that has parameters stands in one rule. */
const shared: readonly Rule[] = [
  [/^backbone\.patch_embed1\.proj\.[0134]$/, '$&'],
  [/^backbone\.patch_embed[2-9]\.(?:proj|norm)$/, '$&'],
  [/^backbone\.norm\d+$/, '$&'],
  [/^backbone\.block\d+\.\d+\.(?:norm[12]|attn\.proj_[12]|mlp\.fc[12]|layer_scale_[12])$/, '$&'],
  [/^backbone\..*\.spatial_gating_unit\.conv0$/, '$&'],
  // Paddle counts the strips from 1 in a list from 0; PyTorch's codes count from 0, and call what mixes them conv3.
  [/^(backbone\..*\.spatial_gating_unit)\.dwconvs\.([012])\.conv[123]_([12])$/, '$1.conv$2_$3'],
  [/^(backbone\..*\.spatial_gating_unit)\.conv_out$/, '$1.conv3'],
  // Paddle's ConvGNAct has _conv and _group_norm; mmcv's ConvModule has conv and gn, also where it has no norm.
  [/^(decode_head\.(?:squeeze|hamburger\.ham_out|align))\._conv$/, '$1.conv'],
  [/^(decode_head\.(?:squeeze|hamburger\.ham_out|align))\._group_norm$/, '$1.gn'],
  [/^decode_head\.hamburger\.ham_in$/, '$&.conv'],
  [/^decode_head\.(?:hamburger\.ham\.bases|conv_seg)$/, '$&'],
];

const dwconv = /^backbone\..*\.mlp\.dwconv$/;

const codes: readonly { readonly name: string; readonly title: string; readonly rules: readonly Rule[] }[] = [
  { name: 'mmseg', title: 'mmsegmentation 1.2.2', rules: [...shared, [dwconv, '$&']] },
  // The authors wrap this convolution in a module of its own.
  { name: 'authors', title: "the authors' repository", rules: [...shared, [dwconv, '$&.dwconv']] },
];

/** What a layer has, as both call it. */
const leaves: ReadonlyMap<string, string> = new Map([
  ['weight', 'weight'],
  ['bias', 'bias'],
  ['_mean', 'running_mean'],
  ['_variance', 'running_var'],
]);

function rename(ours: string, rules: readonly Rule[]): string | null {
  const dot = ours.lastIndexOf('.');
  const leaf = leaves.get(ours.slice(dot + 1));
  const layer = leaf === undefined ? ours : ours.slice(0, dot);
  const rule = rules.find(([pattern]) => pattern.test(layer));
  if (rule === undefined) return null;
  const theirs = layer.replace(...rule);
  return leaf === undefined ? theirs : `${theirs}.${leaf}`;
}

/** [c, 1, 1] of Paddle is [c] of PyTorch, which adds the two axes in its forward. */
function isLayerScale(ours: string): boolean {
  return /\.layer_scale_[12]$/.test(ours);
}

function explainSurplus(theirs: string, known: ReadonlySet<string>): string | null {
  const [, layer] = /^(.*)\.num_batches_tracked$/.exec(theirs) ?? [];
  if (layer !== undefined && known.has(`${layer}.running_mean`))
    return "a count of PyTorch's norms, which nothing reads";
  return /^head\.(?:weight|bias)$/.test(theirs)
    ? 'the classifier of ImageNet, which a backbone was trained with'
    : null;
}
