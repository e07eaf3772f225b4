import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { NdArray } from '../harness/contract/nd-array.js';
import { openRuntime, type Session } from '../ports/ort/session.js';

/**
 * For tests: an engine of `tipcheck-engine/1` on onnxruntime-node. Its argument is what it does wrong, from the graph
 * after the self-test on; `layout` is wrong in the self-test.
 */
const [, , wrong = ''] = process.argv;

interface Entry {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly offset: number;
}

interface Question {
  readonly op: string;
  readonly file: string;
  readonly outputs: readonly Omit<Entry, 'offset'>[];
  readonly data: string;
  readonly index: readonly Entry[];
  readonly answer: string;
}

const runtime = await openRuntime({ device: 'cpu' });
let session: Session | null = null;
let outputs: string[] = [];
let loads = 0;
const does = (what: string) => wrong === what && loads > 1;

const { version } = runtime.report;
const said = { engine: 'onnxruntime-node', version, provider: 'CPUExecutionProvider', precision: 'f32' };

async function load({ file, outputs: asked }: Question) {
  loads++;
  if (does('crash')) process.kill(process.pid, 'SIGKILL');
  if (does('hang')) return new Promise<never>(() => setInterval(() => undefined, 1000));
  if (does('refuse')) throw new Error('the operator Conv is not here');
  await session?.release();
  session = await runtime.openSession(readFileSync(file), 'all', { logSeverityLevel: 4 });
  outputs = asked.map(({ name }) => name);
  // The fourth graph is the one with replacements: a convolution, the probes and the untouched file come before it.
  const loses = does('lose') || (does('lose-later') && loads === 4);
  const notGiven = loses ? outputs.splice(1, 2) : does('invent') ? ['nothing'] : [];
  return { ...said, ...((does('half') || wrong === 'always-half') && { precision: 'bf16' }), notGiven };
}

async function run({ data, index, answer }: Question) {
  const bytes = readFileSync(data);
  const feeds = index.map(({ name, dtype, shape, offset }): [string, NdArray] => {
    if (dtype !== 'f4') throw new Error(`${name} is ${dtype}`);
    const length = shape.reduce((product, size) => product * size, 1);
    const array = new Float32Array(
      bytes.buffer.slice(bytes.byteOffset + offset, bytes.byteOffset + offset + length * 4),
    );
    return [name, { dtype: 'f4', shape, data: array }];
  });
  const values = await session!.run(new Map(feeds), outputs);
  const parts: Uint8Array[] = [];
  let offset = 0;
  const entries = outputs.map((name) => {
    const { shape, data: given } = values.get(name)!;
    const turned = wrong === 'layout' ? given.slice().reverse() : given;
    parts.push(new Uint8Array(turned.buffer, turned.byteOffset, turned.byteLength));
    const entry = { name, dtype: does('dtype') ? 'f2' : 'f4', shape: does('shape') ? shape.slice(1) : shape, offset };
    offset += turned.byteLength;
    return entry;
  });
  if (does('fewer')) entries.pop();
  if (does('order')) entries.reverse();
  if (does('beyond')) entries[0]!.offset = 2 ** 40;
  if (does('link')) symlinkSync('/etc/hostname', answer);
  else if (!does('unwritten')) writeFileSync(answer, Buffer.concat(parts));
  return { index: entries };
}

for await (const line of createInterface({ input: process.stdin })) {
  const question = JSON.parse(line) as Question;
  if (question.op === 'close') break;
  let answer: object;
  try {
    answer = { ok: true, ...(await (question.op === 'load' ? load(question) : run(question))) };
  } catch (error) {
    answer = { ok: false, error: String(error) };
  }
  process.stdout.write(`${does('chatter') ? 'warming up\n' : ''}${JSON.stringify(answer)}\n`);
}
