import t from 'tap';
import { UserError } from '../../support/errors.js';
import { bisect } from './bisect-passes.js';
import type { Tried } from './try-optimised.js';

const optimisation = { levels: ['none', 'basic', 'all'], parts: { B: ['B1', 'B2'] } };

/** @param errorOf by level and what is off: 0 agrees; more is an error; null is a refusal */
async function run(
  errorOf: (level: string, off: readonly string[]) => number | null,
  passesOf: (off: readonly string[]) => string[] = () => ['A', 'B', 'C'],
) {
  const lines: string[] = [];
  const tried = async (level: string, off: readonly string[] = []): Promise<Tried> => {
    const value = errorOf(level, off);
    return {
      agrees: value !== null && value < 1,
      said: value === null ? 'refused' : `logits ${value}×`,
      passes: level === 'none' ? [] : passesOf(off).filter((name) => !off.includes(name)),
      refused: value === null ? new UserError('refused') : null,
      values: value === null ? null : new Map([['logits', Float32Array.of(value)]]),
    };
  };
  const agrees = await bisect(tried, optimisation, (line) => lines.push(line));
  return { agrees, end: lines.at(-1), lines };
}

t.test('one pass that makes the difference is named', async (t) => {
  const { agrees, end } = await run((level, off) => (level === 'none' || off.includes('B') ? 0 : 9));
  t.equal(agrees, false);
  t.equal(end, 'fail  B makes the difference: logits 9× with it, logits 0× without');
});

t.test('two passes each of which is needed for the fault are alternatives', async (t) => {
  const { end } = await run((level, off) => (level === 'none' || off.includes('B') || off.includes('C') ? 0 : 9));
  t.equal(end, 'fail  B or C makes the difference: logits 9× with it, logits 0× without');
});

t.test('two passes that do the same harm are named together, and no third', async (t) => {
  const { end } = await run((level, off) => (level === 'none' || (off.includes('A') && off.includes('C')) ? 0 : 9));
  t.equal(end, 'fail  A and C make the difference together: logits 9× with them, logits 0× without');
});

t.test('a level that fails with all passes off says so', async (t) => {
  const { end } = await run((level) => (level === 'none' ? 0 : 9));
  t.equal(end, 'fail  no pass that can be switched off makes the difference: logits 9× without A, B, C');
});

t.test('a graph that is refused only optimised is a failure, and the pass is found', async (t) => {
  const { agrees, end } = await run((level, off) => (level === 'none' || off.includes('A') ? 0 : null));
  t.equal(agrees, false);
  t.equal(end, 'fail  A makes the difference: refused with it, logits 0× without');
});

t.test('a pass that is refused to be left out is no cause of what differs', async (t) => {
  const { agrees, end } = await run((level, off) => {
    if (level === 'none' || off.includes('C')) return 0;
    return off.includes('B') ? null : 0.5;
  });
  t.equal(agrees, true);
  t.equal(end, 'pass  optimisation changes last bits and nothing more; C does');
});

t.test('a file that is refused however it is optimised is an error of its own', async (t) => {
  await t.rejects(
    run(() => null),
    { name: 'UserError', message: 'refused' },
  );
});

t.test('nothing differs where all levels give the same bits', async (t) => {
  const { end } = await run(() => 0.25);
  t.equal(end, 'pass  nothing differs: the outputs are the same to the last bit at every level, logits 0.25×');
});

t.test('the first level at which it fails is named, and each has its row', async (t) => {
  const { lines } = await run((level, off) => (level === 'none' || off.includes('B') ? 0 : 9));
  t.match(lines, [/^none +agrees/, /^basic +fails/, /^all +fails/, /^outputs differ from the level basic on: /]);
});

t.test('of a pass that makes the difference, only the part that does is named', async (t) => {
  const { end } = await run((level, off) => {
    if (level === 'none' || off.includes('B') || off.includes('B2')) return 0;
    return off.includes('B1') ? 8 : 9;
  });
  t.equal(end, 'fail  B2 of B makes the difference: logits 9× with it, logits 0× without');
});

t.test('a pass that acts only where the others do not is found', async (t) => {
  const { end } = await run(
    (level, off) => (level === 'none' || (off.includes('A') && off.includes('D')) ? 0 : 9),
    (off) => (off.includes('A') ? ['B', 'C', 'D'] : ['A', 'B', 'C']),
  );
  t.equal(end, 'fail  A and D make the difference together: logits 9× with them, logits 0× without');
});
