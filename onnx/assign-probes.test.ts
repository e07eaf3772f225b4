import t from 'tap';
import { assignProbes, type Distance, type Sought } from './assign-probes.js';

const tensors = ['a', 'b', 'c', 'd', 'e'];
const probe = (name: string, more: Partial<Sought> = {}): Sought => ({
  ...{ name, golden: 0, said: null, byWeights: null, folded: false },
  ...more,
});
/** `a` agrees, `a?` is near, `a=` agrees exactly. */
const distance = (text: string): Distance => {
  const agrees = !text.endsWith('?');
  return { at: tensors.indexOf(text[0]!), relRms: agrees ? (text.endsWith('=') ? 0 : 1e-7) : 1e-3, agrees };
};
/** Probes p, q, r, … with what each is near to, and what each becomes. */
function assign(near: readonly string[], more: Record<number, Partial<Sought>> = {}, fits = true): string[] {
  const probes = near.map((_, at) => probe('pqrstuv'[at]!, { golden: at, ...more[at] }));
  const distances = near.map((text) =>
    text
      .split(' ')
      .filter((one) => one !== '')
      .map(distance),
  );
  return assignProbes(probes, tensors, distances, () => fits).map((one) =>
    one.tensor === null ? `${one.lacking} after ${one.after}` : `${one.tensor} ${one.by}`,
  );
}

t.test('a probe is the nearest tensor that agrees, of equal ones the first after the last match', async (t) => {
  t.strictSame(assign(['a b=', 'c']), ['b value', 'c value']);
  t.strictSame(assign(['b', 'a= c= d=']), ['b value', 'c value']);
  t.strictSame(assign(['b', 'a=']), ['b value', 'a value']);
});

t.test('a tensor serves one probe, or several whose goldens are equal', async (t) => {
  t.strictSame(assign(['a', 'a b']), ['a value', 'b value']);
  t.strictSame(assign(['a', 'a=', 'c']), ['a value', 'fused after p', 'c value']);
  t.strictSame(assign(['a= b=', 'a= b='], { 1: { golden: 0 } }), ['a value', 'a value']);
  t.strictSame(assign(['a', 'a', 'c'], { 1: { golden: 0 } }), ['a value', 'a value', 'c value']);
});

t.test('what is said of a probe stands, even where another tensor agrees', async (t) => {
  t.strictSame(assign(['a', 'b'], { 1: { said: { tensor: 'c', by: 'map' } } }), ['a value', 'c map']);
  t.strictSame(assign(['a', 'b c'], { 0: { said: { tensor: 'b', by: 'name' } } }), ['b name', 'c value'], 'and claims');
});

t.test('one that nearly agrees between two that do is the probe, and is not fused', async (t) => {
  t.strictSame(assign(['a', 'b?', 'c']), ['a value', 'b nearness', 'c value']);
  t.strictSame(assign(['a', 'd?', 'c']), ['a value', 'fused after p', 'c value'], 'outside of them it is another');
  t.strictSame(assign(['b', 'a?', 'd']), ['b value', 'fused after p', 'd value']);
  t.strictSame(assign(['a', 'c?', 'c']), ['a value', 'fused after p', 'c value'], 'one that is claimed is another');
  t.strictSame(assign(['d', 'b?', 'a', 'b'])[1], 'fused after p', 'claimed by a later probe');
  t.strictSame(assign(['d', 'b?', 'a']), ['d value', 'b nearness', 'a value'], 'in another order it may be anywhere');
});

t.test('a layer whose weights are known has the tensor that they lead to', async (t) => {
  t.strictSame(assign(['a', '', 'c'], { 1: { byWeights: 'b' } }), ['a value', 'b weights', 'c value']);
  t.strictSame(assign(['a', 'd?'], { 1: { byWeights: 'b' } }), ['a value', 'b weights']);
  t.strictSame(assign(['a', '', 'c'], { 1: { byWeights: 'c' } }), ['a value', 'fused after p', 'c value']);
  t.strictSame(assign(['a', '', 'c'], { 1: { byWeights: 'b' } }, false), ['a value', 'fused after p', 'c value']);
});

t.test('without a tensor it is fused only where the next that was found agrees, or its weights say so', async (t) => {
  t.strictSame(assign(['a', '', '', 'c']), ['a value', 'fused after p', 'fused after p', 'c value']);
  t.strictSame(assign(['a', '', 'c?']), ['a value', 'lost after p', 'c nearness']);
  t.strictSame(assign(['a', '', 'c?'], { 1: { folded: true } }), ['a value', 'fused after p', 'c nearness']);
  t.strictSame(assign(['a', '', '']), ['a value', 'lost after p', 'lost after p']);
  t.strictSame(assign(['', 'b?']), ['lost after null', 'b nearness']);
  const output = { said: { tensor: 'e', by: 'output' } } as const;
  t.strictSame(assign(['a', '', ''], { 2: output }), ['a value', 'lost after p', 'e output'], 'an output that fails');
  t.strictSame(assign(['a', '', 'e'], { 2: output }), ['a value', 'fused after p', 'e output']);
});
