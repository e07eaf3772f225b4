import t from 'tap';
import { resolveBundleFolder } from '../../harness/golden/list-shipped.js';
import { readBundle } from '../../harness/golden/read-bundle.js';
import { resolveWeights } from '../../harness/golden/weights.js';
import { findModel } from '../../models/registry.js';
import { countPlacement, describePlacement } from './count-placement.js';
import { newTape } from './gradients/tape.js';
import { loadModel } from './load-model.js';
import type { ProfileEvent } from './profile-run.js';
import { openRuntime } from './session.js';

const node = (op_name: string, provider: string, ...shapes: (readonly number[])[]): ProfileEvent => ({
  cat: 'Node',
  args: { op_name, provider, output_type_shape: shapes.map((float) => ({ float })) },
});

t.test('what computes on the processor is counted, and sizes are not', async (t) => {
  const [cpu, cuda] = ['CPUExecutionProvider', 'CUDAExecutionProvider'];
  const placement = countPlacement([
    { cat: 'Session' },
    node('Conv', cuda, [1, 8, 9, 9]),
    node('Shape', cpu, [4]),
    node('Gelu', cpu, [1, 8, 9, 9]),
    node('Resize', cpu, [1, 8, 9, 9]),
    node('Resize', cpu, [1, 8, 18, 18]),
  ]);
  t.equal(describePlacement(placement), '3 of 5 nodes: Resize 2, Gelu 1');
  t.equal(describePlacement(countPlacement([node('Conv', cuda, [1, 8, 9, 9])])), 'none of 1 nodes');
});

t.test('a model that is asked onto a gpu says what stayed on the processor', async (t) => {
  const cpu = await openRuntime({ device: 'cpu', threads: 1 });
  const bundle = await readBundle(resolveBundleFolder('segnext-custom'));
  // Of a GPU it has the name alone: every node runs on the processor.
  const gpu = { ...cpu, report: { ...cpu.report, device: 'gpu' as const } };
  const parts = { findModel, newTape, blocked: null };
  const model = await loadModel(gpu, bundle.model, resolveWeights(bundle), parts);
  const said = model.details?.['on the processor'] ?? '';
  t.match(said, /^\d+ of \d+ nodes: .*\bConv \d+/);
  t.notMatch(said, /\b(Shape|Gather|Slice) /);
  const optimizer = { type: 'AdamW', weight_decay: 0.01 };
  const request = { optimizer, lrScheduler: { type: 'PolynomialDecay', learning_rate: 1e-4, power: 1, end_lr: 0 } };
  const loss = { types: [{ type: 'CrossEntropyLoss' }], coef: [1] };
  const insisting = await loadModel(gpu, bundle.model, resolveWeights(bundle), { ...parts, blocked: true });
  await t.rejects(insisting.train!({ ...request, loss, iters: 1 }), {
    message: /^Cannot train on the gpu with the setting blocked: its operators are of the processor alone; /,
  });
  const session = await model.train!({ ...request, loss, iters: 1 });
  const trained = session.details?.['on the processor in training'] ?? '';
  t.match(trained, /^\d+ of \d+ nodes: .*\bConv \d+/);
  t.match(trained, /\bConvTranspose \d+/, 'of a backward');
  await session.dispose();
  await model.dispose();
  const plain = await loadModel(cpu, bundle.model, resolveWeights(bundle), parts);
  t.equal(plain.details, undefined);
  const started = await plain.train!({ ...request, loss, iters: 1 });
  t.equal(started.details, undefined);
  await started.dispose();
});
