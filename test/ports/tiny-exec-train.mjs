// tiny-train.mjs as a program that speaks tipcheck-port/1, with nothing but Node; wrong as its first argument says.
import { readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const fault = process.argv[2] ?? 'none';
const heard = [];

for await (const line of createInterface({ input: process.stdin })) {
  const question = JSON.parse(line);
  heard.push(question.op);
  if (question.op === 'close') break;
  const answer = fault === question.op ? { ok: false, error: 'it was told to fail' } : { ok: true, ...act(question) };
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
if (fault === 'log') writeFileSync(process.argv[3], heard.join(' '));

function act(question) {
  switch (question.op) {
    case 'hello': {
      const said = { 'no-phases': {}, 'odd-phases': { phases: ['fly'] }, 'old-flags': { phases: ['train'] } };
      const about = { engine: 'Node', version: process.version, device: 'cpu', provider: 'javascript' };
      return { ...about, ...(said[fault] ?? { capabilities: ['train'] }) };
    }
    case 'train':
      return train(question);
    case 'step':
      return step(question);
    case 'read':
      return { values: write(question.names, question.folder) };
    default:
      return {};
  }
}

function train({ optimizer, lr_scheduler, loss, iters }) {
  if (optimizer.type !== 'AdamW' || lr_scheduler.power !== 1 || loss.coef[0] !== 1 || iters !== 10) {
    throw new Error('the sections did not arrive');
  }
  return {};
}

function step({ image, label, draws, gradients, folder }) {
  for (const path of [image, ...Object.values(draws)]) readFileSync(path);
  if (!readFileSync(label).toString('latin1').includes('<i8')) throw new Error('the labels did not arrive');
  const loss = { 'loss-null': null, 'loss-text': 'small' };
  return {
    learning_rate: fault === 'no-rate' ? undefined : 0.00006,
    loss: fault in loss ? loss[fault] : 1.25,
    gradients: fault === 'no-gradients' ? undefined : write(gradients, folder),
  };
}

function write(names, folder) {
  return Object.fromEntries(names.map((name, at) => [name, writeNpy(`${folder}/${at}.npy`, name)]));
}

function writeNpy(path, name) {
  const [shape, count] = name === 'conv.weight' ? ['(3, 3, 1, 1)', 9] : ['(3,)', 3];
  const data = Float32Array.from({ length: count }, (_, i) => Math.sin(i) + 2);
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': ${shape}, }`.padEnd(117);
  const start = Buffer.concat([Buffer.from('\x93NUMPY\x01\x00', 'latin1'), Buffer.from([118, 0])]);
  writeFileSync(path, Buffer.concat([start, Buffer.from(`${header}\n`, 'latin1'), Buffer.from(data.buffer)]));
  return path;
}
