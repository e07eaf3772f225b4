/**
 * ONNX Runtime Web as an engine of tipcheck (docs/engines.md): its provider wasm, in Node. Its argument is the folder
 * whose node_modules holds the package.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

// What a library prints goes to stderr.
for (const name of ['log', 'info', 'debug']) console[name] = console.error;
const require = createRequire(join(process.argv[2], 'package.json'));
const ort = require('onnxruntime-web');
const arrays = { float32: Float32Array, float64: Float64Array, int64: BigInt64Array, int32: Int32Array };
const types = { f4: 'float32', f8: 'float64', i8: 'int64', i4: 'int32' };
let session = null;
let outputs = [];

async function load({ file, outputs: asked, threads, device }) {
  if (device === 'gpu') throw new Error('wasm runs on the CPU; --device cpu or auto is wanted');
  if (threads !== null) ort.env.wasm.numThreads = threads;
  await session?.release();
  session = await ort.InferenceSession.create(readFileSync(file), { executionProviders: ['wasm'] });
  outputs = asked.map(({ name }) => name);
  const version = ort.env.versions.web ?? ort.env.versions.common;
  return { engine: 'onnxruntime-web', version, provider: 'wasm', precision: 'f32', notGiven: [] };
}

async function run({ data, index, answer }) {
  const { buffer } = new Uint8Array(readFileSync(data));
  const feeds = {};
  for (const { name, dtype, shape, offset } of index) {
    const length = shape.reduce((product, size) => product * size, 1);
    feeds[name] = new ort.Tensor(types[dtype], new arrays[types[dtype]](buffer, offset, length), shape);
  }
  const values = await session.run(feeds, outputs);
  let offset = 0;
  const parts = [];
  const entries = outputs.map((name) => {
    const { type, dims, data: given } = values[name];
    parts.push(new Uint8Array(given.buffer, given.byteOffset, given.byteLength));
    offset += given.byteLength;
    return { name, dtype: type === 'float32' ? 'f4' : type, shape: dims, offset: offset - given.byteLength };
  });
  writeFileSync(answer, Buffer.concat(parts));
  return { index: entries };
}

for await (const line of createInterface({ input: process.stdin })) {
  const question = JSON.parse(line);
  if (question.op === 'close') process.exit(0);
  const answer = await (question.op === 'load' ? load(question) : run(question)).then(
    (given) => ({ ok: true, ...given }),
    (error) => ({ ok: false, error: String(error) }),
  );
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
