import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { float32NdArray } from '../contract/nd-array.js';
import { UserError } from '../support/errors.js';
import { describeTooLarge, maxMessageBytes } from './message-size.js';
import { startSubprocessHost } from './subprocess-host.js';

/** Says that it is large, and is not. */
class Large extends Float32Array {
  override get byteLength() {
    return 3 * 2 ** 30;
  }
}

const inputs = new Map([['image', float32NdArray([1], new Float32Array(1))]]);
const draw = () => float32NdArray([1], new Large(1));
const rest = { kind: 'infer', inputs, probes: [], replacements: new Map() } as const;

t.test('the arrays of a message are counted, wherever they stand, and one that is there twice is once', async (t) => {
  const one = draw();
  t.equal(describeTooLarge({ ...rest, draws: new Map([['a', one]]) }), null);
  t.equal(describeTooLarge({ ...rest, draws: new Map(Object.entries({ a: one, b: one })) }), null);
  t.equal(
    describeTooLarge({ ...rest, draws: new Map(Object.entries({ a: one, b: draw() })) }),
    '6442450948 bytes of arrays (most in draws.a.data: 3221225472), and a message between processes holds at most 4293918720',
  );
  t.ok(maxMessageBytes < 2 ** 32);
});

const answering = (value: string) => `
  class Large extends Float32Array { get byteLength() { return 5 * 2 ** 30; } }
  export async function createPort() {
    return {
      report: { engine: 'fake', version: '1', device: 'cpu', details: {} },
      capabilities: ['infer'],
      async load() {
        return {
          async infer(_, onProbe) { onProbe('logits', { dtype: 'f4', shape: [1], data: ${value} }); },
          async dispose() {},
        };
      },
      async close() {},
    };
  }`;

t.test('arrays that are too large for a message are told in a sentence: 2 of a bundle, 3 of a port', async (t) => {
  const folder = t.testdir();
  const start = async (value: string) => {
    const module = join(folder, `${value.replace(/\W/g, '')}.mjs`);
    writeFileSync(module, answering(value));
    const host = await startSubprocessHost('own', { module, device: 'cpu', silenceMs: 30_000 });
    await host.load({ model: { type: 'Toy' }, parameters: new Map(), weights: [] });
    return host;
  };
  const asked = { inputs, draws: new Map(), probes: [{ name: 'logits', sample: null }], replacements: new Map() };

  const good = await start('new Float32Array(1)');
  t.teardown(() => good.close());
  const draws = new Map(Object.entries({ a: draw(), b: draw() }));
  await t.rejects(
    good.infer({ ...asked, draws }, () => undefined),
    new UserError(
      'Cannot ask port own to infer: its inputs have 6442450948 bytes of arrays (most in draws.a.data: 3221225472), and a message between processes holds at most 4293918720; fewer are wanted. Fix: smaller pictures, or fewer at a time',
    ),
  );
  const seen: string[] = [];
  await good.infer(asked, ({ name }) => seen.push(name));
  t.strictSame(seen, ['logits'], 'and the port can be asked again');

  const bad = await start('new Large(1)');
  t.teardown(() => bad.close());
  await t.rejects(
    bad.infer(asked, () => undefined),
    {
      name: 'EnvironmentError',
      message:
        'Cannot run port own: it gave logits, an answer of 5368709120 bytes of arrays (most in value: 5368709120), and a message between processes holds at most 4293918720',
    },
  );
});
