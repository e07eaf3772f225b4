import { readdirSync, readFileSync } from 'node:fs';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { resolveEngine } from '../harness/hosts/resolve-engine.js';
import { findChromium } from '../harness/reporters/page/browser-for-tests.js';
import { onnxEngineFolder, onnxEngines } from '../harness/setup/read-onnx-engines.js';
import { packageRoot } from '../harness/support/package-root.js';
import { encodeModel, type NodeProto } from '../onnx/model-proto.js';
import { openEngine } from '../ports/onnx-file/engine/open-engine.js';
import { tipcheck } from './tools-for-tests.js';

// What only WebGPU in Chromium can do wrong: no shaders, shaders that do not compile, browsers that are left behind.

t.setTimeout(300_000);

const name = 'onnxruntime-webgpu';
const implementations = ['ort.webgpu.min.mjs', 'ort.min.mjs'];
const skip = whyNot();
const slow = skip || (process.env.TIPCHECK_TEST_ALL === '1' ? false : 'slow; npm run test:all runs it');
const scratches = t.testdir();

function whyNot(): string | false {
  if (findChromium() === null) return 'no chromium. Fix: apt-get install chromium, or CHROMIUM=path';
  try {
    return resolveEngine(name).name === name ? false : name;
  } catch {
    return `the engine ${name} is not prepared`;
  }
}

/** Runs one node on `x`, after the self-test. */
async function give(implementation: string, node: NodeProto, shape: readonly number[], more: Partial<NodeProto> = {}) {
  const floats = (tensor: string, sizes: readonly number[]) => {
    const dim = sizes.map((size) => ({ dimValue: BigInt(size) }));
    return { name: tensor, type: { tensorType: { elemType: 1, shape: { dim } } } };
  };
  const pads = BigInt64Array.of(0n, 0n, 1n, 1n, 0n, 0n, 1n, 1n);
  const padded = node.opType === 'Pad' ? shape.map((size, axis) => (axis < 2 ? size : size + 2)) : shape;
  const bytes = encodeModel({
    irVersion: 8n,
    opsetImport: [{ domain: '', version: 19n }],
    graph: {
      name: 'one',
      node: [{ ...node, ...more, output: ['y'] }],
      initializer: [{ name: 'pads', dims: [8n], dataType: 7, rawData: new Uint8Array(pads.buffer) }],
      input: [floats('x', shape)],
      output: [floats('y', padded)],
    },
  });
  const engine = await openEngine(resolveEngine(`${name}:${implementation}`), { device: 'cpu' });
  try {
    const { run } = await engine.load({
      bytes,
      inputs: [{ name: 'x', dtype: 'f4', shape }],
      outputs: [{ name: 'y', shape: padded }],
    });
    const data = Float32Array.from({ length: shape.reduce((product, size) => product * size, 1) }, (_, at) => at - 3);
    const values = await run([{ name: 'x', dtype: 'f4', shape, data }]);
    return { report: engine.report, y: [...values.get('y')!.data] };
  } finally {
    await engine.close();
  }
}

for (const implementation of implementations)
  t.test(`${implementation} runs shaders, and the report says which file ran`, { skip: slow }, async (t) => {
    const { report, y } = await give(implementation, { opType: 'Neg', input: ['x'] }, [1, 1, 2, 3]);
    t.match(report.provider, new RegExp(`^webgpu of ${implementation}, Chromium \\d+, google swiftshader, f32$`));
    t.strictSame(y, [3, 2, 1, -0, -1, -2]);
  });

t.test('a graph for which no shader was dispatched fails', { skip }, async (t) => {
  await t.rejects(
    give('ort.webgpu.min.mjs', { opType: 'LogSoftmax', input: ['x'] }, [1, 1, 2, 3]),
    /failed at run: it was asked for shaders and dispatched none/,
  );
});

t.test('a shader that does not compile fails, though run() resolves', { skip }, async (t) => {
  const mode = { name: 'mode', s: Buffer.from('wrap'), type: 3 };
  await t.rejects(
    give('ort.min.mjs', { opType: 'Pad', input: ['x', 'pads'], attribute: [mode] }, [1, 1, 4, 5]),
    /failed at run: a shader failed, though the runtime went on: /,
  );
});

t.test('a provider other than webgpu is exit 3', { skip: slow }, async (t) => {
  const copy = join(scratches, 'copy');
  await mkdir(copy);
  await cp(join(packageRoot, 'engines', name), copy, { recursive: true });
  const page = join(copy, 'adapter.page.mjs');
  await writeFile(page, (await readFile(page, 'utf8')).replace("['webgpu']", "['wasm']"));
  const folder = onnxEngineFolder(onnxEngines.find((one) => one.name === name)!);
  const engine = `exec:"${process.execPath}" "${join(copy, 'adapter.mjs')}" "${folder}"`;
  const { exitCode, stdout } = await tipcheck(['judge', '--engine', engine, 'segnext-t-odd'], scratches);
  t.equal(exitCode, 3, stdout);
  t.match(stdout, /it was asked for shaders and dispatched none/);
});

t.test('without Chromium or the file it is exit 3 with one sentence', { skip: slow }, async (t) => {
  const judge = async (engine: string, environment: Readonly<Record<string, string>>, ...args: string[]) => {
    const run = await tipcheck(['judge', '--engine', engine, 'segnext-t-odd', ...args], scratches, environment);
    t.equal(run.exitCode, 3, run.stdout + run.stderr);
    return run.stdout.replaceAll(/\s+/g, ' ');
  };
  t.match(
    await judge(name, { CHROMIUM: '/nowhere/chromium' }),
    /there is no \/nowhere\/chromium; Chromium is wanted\. Fix: install Chromium \(Debian: apt install chromium\)/,
  );
  t.match(await judge(name, { CHROMIUM: '/bin/false' }), /\/bin\/false ended with 1/);
  t.match(await judge(`${name}:ort.none.mjs`, {}), /there is no module ort\.none\.mjs in .*; ort\.webgpu\.min\.mjs or/);
});

t.test('no Chromium is left behind by an answer that never comes, or by a kill', { skip: slow }, async (t) => {
  const mark = join(scratches, 'left');
  await mkdir(mark);
  const hung = await tipcheck(['judge', '--engine', name, 'segnext-t', '--timeout', '8'], scratches, { TMPDIR: mark });
  t.equal(hung.exitCode, 3, hung.stdout + hung.stderr);
  t.match(hung.stdout, /hung: no answer to \w+ for 8 s/);
  t.strictSame(listProcesses(mark), []);
  t.strictSame(readdirSync(mark), []);

  const run = tipcheck(['judge', '--engine', name, 'segnext-t'], scratches, { TMPDIR: mark });
  for (let tries = 0; tries < 600 && !listProcesses(mark).some(isPage); tries++) await sleep(100);
  t.ok(listProcesses(mark).some(isPage), 'a page is there');
  const browser = listProcesses(mark).find(({ command }) => !command.includes('--type='))!;
  const [, adapter] = /^PPid:\s*(\d+)$/m.exec(readFileSync(join('/proc', `${browser.pid}`, 'status'), 'utf8'))!;
  process.kill(Number(adapter), 'SIGKILL');
  const { exitCode, stdout } = await run;
  t.equal(exitCode, 3, stdout);
  t.match(stdout, /ended at \w+ with SIGKILL/);
  t.strictSame(listProcesses(mark), []);
  t.strictSame(readdirSync(mark), []);
});

interface Found {
  readonly pid: number;
  readonly command: string;
}

const isPage = ({ command }: Found) => command.includes('--type=renderer');
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Those whose command line holds a text. */
function listProcesses(text: string): Found[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
    .flatMap((entry) => {
      try {
        const command = readFileSync(join('/proc', entry, 'cmdline'), 'utf8').replaceAll('\0', ' ');
        return command.includes(text) ? [{ pid: Number(entry), command }] : [];
      } catch {
        return [];
      }
    });
}
