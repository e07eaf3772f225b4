import t from 'tap';
import { parseCapabilities } from './capabilities.js';

const broken = (what: string) => new Error(`it says ${what}`);
const parse = (said: Record<string, unknown>) => [...parseCapabilities(said, broken)];

t.test('a port says what it can do in a list or a set', async (t) => {
  t.strictSame(parse({ capabilities: ['train', 'replace'] }), ['train', 'replace']);
  t.strictSame(parse({ capabilities: new Set(['infer']) }), ['infer']);
});

t.test('the flags of older modules and programs are read where capabilities are left out', async (t) => {
  t.strictSame(parse({}), ['infer']);
  t.strictSame(parse({ phases: ['infer', 'train'], replacesProbes: false }), ['infer', 'train']);
  t.strictSame(parse({ phases: ['train'], replacesProbes: true }), ['train', 'replace']);
  t.strictSame(parse({ replaces_probes: true }), ['infer', 'replace']);
  t.strictSame(parse({ capabilities: ['infer'], phases: ['train'], replacesProbes: true }), ['infer']);
});

t.test('a capability that nobody knows is named, as is what is not a list of them', async (t) => {
  for (const [said, shown] of [
    [{ capabilities: ['infer', 'fly'] }, 'capabilities ["infer","fly"]'],
    [{ capabilities: new Set(['fly']) }, 'capabilities ["fly"]'],
    [{ capabilities: [] }, 'capabilities []'],
    [{ capabilities: 'infer' }, 'capabilities "infer"'],
    [{ capabilities: null }, 'capabilities null'],
  ] as const)
    t.throws(
      () => parse(said),
      new Error(`it says ${shown}; an array of "infer", "train", "replace" and "inputs" is wanted`),
      shown,
    );
  t.throws(
    () => parse({ phases: ['fly'] }),
    new Error('it says phases ["fly"]; an array of "infer" and "train" is wanted'),
  );
});
