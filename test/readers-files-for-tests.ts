import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { packageRoot } from '../harness/support/package-root.js';
import { tipcheck } from './tools-for-tests.js';

/** Makes the files that a command of a page names and that are the reader's own. */
export async function makeReadersFile(command: string, folder: string): Promise<void> {
  for (const [name, make] of Object.entries(readersFiles)) {
    const path = join(folder, name);
    const named = new RegExp(`(?<![\\w./-])${name.replaceAll('.', '\\.')}(?![\\w./-])`).test(command);
    if (!named || existsSync(path)) continue;
    mkdirSync(dirname(path), { recursive: true });
    await make(path, folder, command);
  }
}

type Make = (path: string, folder: string, command: string) => Promise<void> | void;

const street = join(packageRoot, 'fixtures', 'eval', 'street', 'segnext_street');
const picture = join(packageRoot, 'fixtures/street/leftImg8bit/val/street/street_000000_000019_leftImg8bit.png');

const copyOf =
  (from: string): Make =>
  (path) =>
    cpSync(from, path, { recursive: true });

/** A narrow SegNeXt on the street scenes, for a few iterations. */
const writeConfig: Make = (path) => {
  const text = readFileSync(`${street}.yml`, 'utf8')
    .replace(/^iters: .*/m, 'iters: 12')
    .replaceAll('dataset_root: fixtures', `dataset_root: ${packageRoot}/fixtures`);
  writeFileSync(path, text);
};

/** A port of the reader's own that has every layer. */
const writePort: Make = (path) =>
  writeFileSync(
    path,
    `export { createPort } from '${pathToFileURL(join(packageRoot, 'dist/ports/ort/port.js')).href}';\n`,
  );

/** Of twenty iterations, as PaddleSeg prints them. */
const writeLog: Make = (path) => {
  const line = (at: number) =>
    `2026-11-30 09:00:00 [INFO]\t[TRAIN] epoch: 1, iter: ${at}/20, loss: ${(3 / at).toFixed(4)}, lr: 0.000060, batch_cost: 0.5000, reader_cost: 0.01000, ips: 4.0000 samples/sec | ETA 00:00:05\n`;
  writeFileSync(path, [1, 2, 3, 4].map((window) => line(5 * window)).join(''));
};

const exportModel: Make = async (path, folder) => {
  const config = join(packageRoot, 'configs/segnext/segnext_mscan_t_cityscapes_1024x1024_160k.yml');
  await expectSuccess(['export', '--layers', '--config', config, '--out', path], folder);
};

/** An earlier run of the same command, without its baseline. */
const judgeBefore: Make = async (path, folder, command) => {
  const [, port, waivers] = /judge (\S+) .*--waivers (\S+)/.exec(command)!;
  await expectSuccess(['judge', port!, 'segnext-t', '--waivers', waivers!, '--report', path], folder);
};

/** The port gets a fault, which the file says is known: its last norm adds another epsilon. */
const makeKnownFault: Make = (path, folder, command) => {
  const [, port] = /judge (\S+)/.exec(command)!;
  const model = readFileSync(join(folder, port!));
  const at = model.lastIndexOf(normEpsilon);
  if (at < 0) throw new Error(`${port} holds no epsilon of 1e-5`);
  model.writeFloatLE(1e-3, at + normEpsilon.length - 4);
  writeFileSync(join(folder, port!), model);
  const waiver = {
    port,
    bundle: 'segnext-t',
    probe: 'decode_head.align._group_norm',
    because: 'the exporter writes a wrong epsilon; its next release has the mend',
    link: 'https://example.org/7',
  };
  const until = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);
  writeFileSync(path, JSON.stringify({ waivers: [{ ...waiver, until }] }));
};

/** An attribute of ONNX: its name, and the float that follows. */
const normEpsilon = Buffer.concat([
  Buffer.from([0x0a, 7]),
  Buffer.from('epsilon'),
  Buffer.from([0x15]),
  Buffer.from(new Float32Array([1e-5]).buffer),
]);

async function expectSuccess(args: readonly string[], folder: string): Promise<void> {
  const { exitCode, stderr } = await tipcheck(args, folder);
  if (exitCode !== 0) throw new Error(`tipcheck ${args.join(' ')} ended with ${exitCode}: ${stderr}`);
}

const readersFiles: Readonly<Record<string, Make>> = {
  'my.onnx': exportModel,
  'models/my.onnx': exportModel,
  'my_port.py': (path) => writeFileSync(path, answersGoldens),
  'my-port.mjs': writePort,
  'my-config.yml': writeConfig,
  'my.yml': writeConfig,
  'm.pdparams': copyOf(`${street}.pdparams`),
  'model.pdparams': copyOf(`${street}.pdparams`),
  'photo.png': copyOf(picture),
  'photo.jpg': copyOf(picture),
  'known.yaml': makeKnownFault,
  'reports/last-good': judgeBefore,
  'paddle/train.log': writeLog,
  'output/train.log': writeLog,
};

/** A program that answers with the goldens of segnext-t, in Python alone: a stand-in for a reader's good port. */
const answersGoldens = `import json, sys, zipfile
case = "${join(packageRoot, 'fixtures/golden/segnext-t')}"
goldens = zipfile.ZipFile(case + "/probes.npz")
keys = {probe["name"]: probe["value"]["key"] for probe in json.load(open(case + "/case.json"))["probes"]}
def infer(question):
    found = {}
    for at, name in enumerate(question["probes"]):
        found[name] = f"{question['folder']}/{at}.npy"
        open(found[name], "wb").write(goldens.read(keys[name] + ".npy"))
    return {"probes": found}
for line in sys.stdin:
    question = json.loads(line)
    if question["op"] == "close":
        break
    answer = {"ok": True}
    if question["op"] == "hello":
        answer |= {"engine": "Python", "version": "3", "device": "cpu", "provider": "none"}
    if question["op"] == "infer":
        answer |= infer(question)
    print(json.dumps(answer), flush=True)
`;
