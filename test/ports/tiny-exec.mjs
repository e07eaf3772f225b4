// The network of tiny.mjs as a program that speaks tipcheck-port/1, with nothing but Node: y = 2·image, z = y + 1,
// logits = z². Its first argument is what it does wrong.
import { execFileSync } from 'node:child_process';
import { readFileSync, renameSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { createInterface } from 'node:readline';

const fault = process.argv[2] ?? 'none';
const said = {
  'old-flags': { replaces_probes: true },
  'odd-capability': { capabilities: ['infer', 'fly'] },
  inputs: { capabilities: ['infer', 'inputs'] },
};
/** Goldens that it was shown. */
const seen = {};

for await (const line of createInterface({ input: process.stdin })) {
  const question = JSON.parse(line);
  if (question.op === 'close') break;
  if (fault === 'garbage') process.stdout.write('loading the model…\n');
  if (fault === 'twice') process.stdout.write('{"ok":true,"device":"cpu","device":"gpu"}\n');
  if (fault === 'exit' && question.op === 'infer') process.exit(5);
  if (question.op === 'infer') {
    if (fault === 'hugeline') process.stdout.write('x'.repeat(40_000_000));
    if (fault === 'halfline') process.stdout.write('{"ok": tr');
    if (fault === 'halfline') process.exit(0);
    if (fault === 'list') process.stdout.write('{"ok": true, "probes": ["/tmp/0.npy"]}\n');
    if (fault === 'answers-twice') process.stdout.write('{"ok": true, "probes": {}}\n{"ok": true, "probes": {}}\n');
    if (['hugeline', 'list', 'answers-twice'].includes(fault)) continue;
  }
  if (fault === 'ok' && question.op === 'hello') process.stdout.write('{"ok": "yes"}\n');
  if (fault === 'late' && question.op === 'dispose') process.stdout.write('{"ok": true}\n');
  const answer = fault === question.op ? { ok: false, error: 'it was told to fail' } : { ok: true, ...act(question) };
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}

function act(question) {
  if (question.op === 'hello') {
    const about = { engine: 'Node', version: process.version, device: 'cpu', provider: 'javascript' };
    return { ...about, ...(said[fault] ?? { capabilities: ['infer', 'replace'] }) };
  }
  return question.op === 'infer' ? { probes: spoil(infer(question), question) } : {};
}

/** Spoils the file, or the answer, of probe z. */
function spoil(written, { replace, folder }) {
  const { z } = written;
  if (z === undefined && fault !== 'cheat') return written;
  if (fault === 'cheat') {
    for (const [name, path] of Object.entries(replace)) seen[name] = readFileSync(path);
    for (const path of Object.values(written)) writeNpy(path, new Float32Array(12));
    for (const [name, path] of Object.entries(written)) if (seen[name] !== undefined) writeFileSync(path, seen[name]);
  }
  if (fault === 'extra') return { ...written, nonsense: z };
  if (fault === 'outside') {
    const path = `${tmpdir()}/tipcheck-outside-${process.pid}.npy`;
    renameSync(z, path);
    process.on('exit', () => execFileSync('rm', ['-f', path]));
    return { ...written, z: path };
  }
  if (fault === 'link') {
    symlinkSync('/etc/passwd', `${folder}/link`);
    return { ...written, z: `${folder}/link` };
  }
  if (fault === 'above') return { ...written, z: `${folder}/../../../etc/passwd` };
  if (fault === 'device') return { ...written, z: '/dev/zero' };
  if (fault === 'folder') return { ...written, z: folder };
  if (fault === 'nofile') return { ...written, z: `${folder}/nofile.npy` };
  if (fault === 'nopath') return { ...written, z: 7 };
  if (fault === 'fifo') {
    execFileSync('mkfifo', [`${folder}/fifo`]);
    return { ...written, z: `${folder}/fifo` };
  }
  if (fault === 'empty') writeFileSync(z, '');
  if (fault === 'cut') truncateSync(z, 100);
  if (fault === 'huge') truncateSync(z, 3 * 2 ** 30);
  if (fault === 'objects') writeFileSync(z, readFileSync(z, 'latin1').replace("'<f4'", "'|O' "), 'latin1');
  if (fault === 'f8') writeFileSync(z, asFloat64(readFileSync(z)), 'latin1');
  if (fault === 'big-endian') writeFileSync(z, swapped(readFileSync(z)));
  return written;
}

function asFloat64(bytes) {
  const values = new Float32Array(bytes.buffer.slice(bytes.byteOffset + 128, bytes.byteOffset + bytes.length));
  const head = bytes.subarray(0, 128).toString('latin1').replace('<f4', '<f8');
  return head + Buffer.from(Float64Array.from(values).buffer).toString('latin1');
}

function swapped(bytes) {
  const head = Buffer.from(bytes.subarray(0, 128).toString('latin1').replace('<f4', '>f4'), 'latin1');
  return Buffer.concat([head, Buffer.from(bytes.subarray(128)).swap32()]);
}

function infer({ image, inputs, probes, replace, folder }) {
  if ((fault === 'inputs') !== (inputs !== undefined)) throw new Error('inputs came unasked');
  if (inputs !== undefined) validateInputs(image, inputs);
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
    z.map((value) => value * value * (fault === 'wrong-logits' ? 1.001 : 1)),
  );
  return written;
}

/** The bundle's tokens are 12 numbers, and its image, if there is one, is what every program is given. */
function validateInputs(image, { image: given, tokens }) {
  if (image !== given?.file) throw new Error(`the image is ${image} and ${given?.file}`);
  if (tokens.dtype !== 'u4' || tokens.shape.join() !== '1,12') throw new Error('the tokens did not arrive');
  if (!readFileSync(tokens.file).toString('latin1').includes("'<i8'")) throw new Error('the file holds no i8');
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
