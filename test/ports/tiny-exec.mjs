// The network of tiny.mjs as a program that speaks tipcheck-port/1, with nothing but Node: y = 2·image, z = y + 1, logits = z².
import { readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const fault = process.argv[2] ?? 'none';

for await (const line of createInterface({ input: process.stdin })) {
  const question = JSON.parse(line);
  if (question.op === 'close') break;
  if (fault === 'garbage') process.stdout.write('loading the model…\n');
  if (fault === 'twice') process.stdout.write('{"ok":true,"device":"cpu","device":"gpu"}\n');
  if (fault === 'exit' && question.op === 'infer') process.exit(5);
  const answer = fault === question.op ? { ok: false, error: 'it was told to fail' } : { ok: true, ...act(question) };
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}

function act(question) {
  if (question.op === 'hello') {
    return { engine: 'Node', version: process.version, device: 'cpu', provider: 'javascript', replaces_probes: true };
  }
  return question.op === 'infer' ? { probes: infer(question) } : {};
}

function infer({ image, probes, replace, folder }) {
  const written = {};
  const record = (name, data) => {
    if (probes.includes(name)) {
      written[name] = `${folder}/${name}.npy`;
      writeNpy(written[name], data);
    }
    return replace[name] === undefined ? data : readNpy(replace[name]);
  };
  const y = record(
    'y',
    readNpy(image).map((value) => 2 * value),
  );
  const z = record(
    'z',
    y.map((value) => value + (fault === 'wrong-z' ? 1.001 : 1)),
  );
  record(
    'logits',
    z.map((value) => value * value),
  );
  return written;
}

function readNpy(path) {
  const bytes = readFileSync(path);
  const start = 10 + bytes.readUInt16LE(8);
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset + start, bytes.byteOffset + bytes.length));
}

function writeNpy(path, data) {
  const header = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 3, 2, 2), }".padEnd(117);
  const start = Buffer.concat([Buffer.from('\x93NUMPY\x01\x00', 'latin1'), Buffer.from([118, 0])]);
  writeFileSync(path, Buffer.concat([start, Buffer.from(`${header}\n`, 'latin1'), Buffer.from(data.buffer)]));
}
