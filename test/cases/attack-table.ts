import { once } from 'node:events';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { packageRoot } from '../../harness/support/package-root.js';
import { renderAliases, renderBmp, renderHugePng, renderMerges } from './attack-files.js';
import { type CaseRow, type CaseTable, notRun } from './case-row.js';
import type { Place, Ran } from './place.js';

const bombs = 'E19 bombs';
const outside = 'E17 writes outside';
const raw = 'E18 raw text';
const ends = 'E20 ends';
/** "In under a second" on a quiet machine: minutes and the end of memory were seen. */
const soon = 15;

export const attackTable: CaseTable = {
  name: 'attack',
  python: null,
  async prepare(place) {
    await place.putBundles();
    const { exitCode, stderr } = await place.shell(`
      set -e
      tipcheck() { node "$TIPCHECK/cli/tipcheck.mjs" "$@"; }
      sh "$CASES/tipc/workspace.sh" work
      cp "$CASES/onnx/val.yml" work
      tipcheck weights segnext-t --out work/w.npz`);
    if (exitCode !== 0) throw new Error(stderr);
  },
  rows: [
    yamlRow('laughs.yml', (place) => place.shell('cp "$CASES/attack/laughs.yml" bomb.yml')),
    yamlRow('20,000 aliases', (place) => writeFile(place.path('bomb.yml'), renderAliases())),
    { ...yamlRow('nested <<', (place) => writeFile(place.path('bomb.yml'), renderMerges())), says: [/bomb\.yml/] },
    {
      ...{ name: 'npz of 4 GiB', point: bombs, exit: [2], oneLine: false, says: [/bomb\.npz\[.*a budget/] },
      async run(place) {
        const made = await place.shell(`mkdir -p bomb && python3 -c '${npzBomb}'`);
        if (made.exitCode !== 0) throw new Error(made.stderr);
        return place.shell(`python3 -c '${withPeak}' node "$TIPCHECK/cli/tipcheck.mjs" judge ort bomb`);
      },
      async check(_place, { stdout }) {
        const peak = Number(/^peak (\d+)$/m.exec(stdout)?.[1]);
        return peak <= 1500 ? [] : [`it took ${peak} MB of memory; 1500 are allowed`];
      },
    },
    {
      ...{
        name: 'png of 2147483647 x 1',
        point: bombs,
        exit: [2],
        seconds: soon,
        says: [/huge\.png/, /pixels/],
      },
      async run(place) {
        for (const side of ['A', 'B']) {
          await mkdir(place.path(side), { recursive: true });
          await writeFile(place.path(side, 'huge.png'), renderHugePng(2147483647, 1));
        }
        return place.tipcheck(['compare', 'A', 'B'], { seconds: 120 });
      },
    },
    {
      // How far the download is stands on stderr, too.
      ...{ name: 'address with ..', point: outside, exit: [0, 2], oneLine: false },
      run: fetchOutside,
      async check(place) {
        const names = (await readdir(place.folder, { recursive: true })).filter((name) => name.includes('evil'));
        const out = names.filter((name) => !name.startsWith(join('cache', 'tipcheck', 'downloads')));
        const kept = names.filter((name) => !out.includes(name) && name.endsWith('evil.pdparams'));
        const requests = Number(await readFile(place.path('requests.txt'), 'utf8'));
        return [
          ...out.map((name) => `${name} was written`),
          ...(requests > 0 ? [] : ['nothing was asked of the server']),
          ...(kept.length === 1 ? [] : [`the cache has ${kept.length} files of it; 1 is wanted`]),
        ];
      },
    },
    {
      ...{ name: 'model_name with ..', point: outside, exit: [2], says: [/tiny\.txt:2/] },
      async run(place) {
        await place.shell('rm -rf victim evil && cp -r work evil && mkdir -p victim/lite_train_lite_infer');
        await writeFile(place.path('victim', 'lite_train_lite_infer', 'mine.txt'), 'mine');
        const text = await readFile(place.path('evil', 'tiny.txt'), 'utf8');
        const changed = text.replaceAll('model_name:segnext', 'model_name:../../../victim');
        await writeFile(place.path('evil', 'tiny.txt'), changed);
        return place.tipcheck(['test', 'tiny.txt', 'lite_train_lite_infer', '--device', 'cpu', '--port', 'ort'], {
          cwd: place.path('evil'),
        });
      },
      async check(place) {
        const left = await readdir(place.path('victim', 'lite_train_lite_infer')).catch(() => []);
        return left.join() === 'mine.txt' ? [] : ['the folder was moved or written into'];
      },
    },
    {
      ...{ name: 'list with ..', point: outside, exit: [0, 2] },
      async run(place) {
        await place.shell(`mkdir -p work/lists/deep && cp work/street/leftImg8bit/val/street/*000000*.png work/photo.png
          cp work/photo.png photo-before.png && echo ../../photo.png > work/lists/deep/list.txt`);
        const args = ['--image_path', 'lists/deep/list.txt', '--save_dir', 'out'];
        return place.tipcheck(['predict', '--config', 'val.yml', '--model_path', 'w.npz', ...args], {
          cwd: place.path('work'),
        });
      },
      check: async (place) =>
        (await readFile(place.path('work', 'photo.png'))).equals(await readFile(place.path('photo-before.png')))
          ? []
          : ['photo.png was overwritten'],
    },
    rawRow('raw key in case.json', async (place) => {
      await place.shell('rm -rf raw && cp -r bundles/plain raw');
      await addKey(place.path('raw', 'case.json'));
      return place.tipcheck(['judge', 'ort', 'raw']);
    }),
    rawRow('raw key in result.json', async (place) => {
      const folder = await storedRun(place, 'raw-result');
      await addKey(join(folder, 'result.json'));
      return place.tipcheck(['render', folder]);
    }),
    {
      ...{ name: 'Markdown in tipcheckVersion', point: raw, exit: [0, 1, 2] },
      async run(place) {
        const folder = await storedRun(place, 'markdown');
        const text = await readFile(join(folder, 'result.json'), 'utf8');
        const changed = text.replace(/("tipcheckVersion": ")[^"]+/, '$1[x](http://evil.example) **b**');
        await writeFile(join(folder, 'result.json'), changed);
        return place.tipcheck(['render', folder]);
      },
      async check(place) {
        const text = await readFile(place.path('markdown', 'report.md'), 'utf8');
        return text.includes('[x](http://evil.example)') || text.includes('**b**')
          ? ['it stands raw in report.md']
          : [];
      },
    },
    {
      ...{ name: 'judge | head -1', point: ends, exit: [0], oneLine: false },
      run: (place) => pipeInto(place, 'head -1'),
      check: async (_place, { stderr }) => (stderr.trim() === '' ? [] : [`it says ${stderr.slice(0, 200)}`]),
    },
    {
      ...{ name: 'judge | true', point: ends, exit: [0], oneLine: false },
      run: (place) => pipeInto(place, 'true'),
      check: async (_place, { stderr }) => (stderr.trim() === '' ? [] : [`it says ${stderr.slice(0, 200)}`]),
    },
    {
      ...{ name: 'ulimit -n 32', point: ends, exit: [3] },
      run: (place) => place.shell('ulimit -n 32; node "$TIPCHECK/cli/tipcheck.mjs" judge ort bundles/plain'),
      check: async (_place, { stderr }) => (lines(stderr) === 1 ? [] : [`${lines(stderr)} lines; one is wanted`]),
    },
    {
      ...{ name: 'folder with a bmp', point: 'C12 pictures', exit: [0] },
      async run(place) {
        await mkdir(place.path('bmps'), { recursive: true });
        await writeFile(place.path('bmps', 'a.bmp'), renderBmp(64, 48));
        const args = ['--image_path', 'bmps', '--save_dir', 'bmps-out'];
        return place.tipcheck(['predict', '--config', 'work/val.yml', '--model_path', 'work/w.npz', ...args]);
      },
      async check(place) {
        const names = await readdir(place.path('bmps-out', 'pseudo_color_prediction')).catch(() => []);
        return names.length === 1 ? [] : [`${names.length} masks; 1 is wanted`];
      },
    },
    {
      ...{ name: 'read-only disk', point: ends, exit: [3], oneLine: false, says: [/its disk is read-only/] },
      run: (place) =>
        place.shell(`mkdir -p ro && unshare -rm true || { echo "no name space of its own"; exit ${notRun}; }
          unshare -rm sh -c '
          mount -t tmpfs none ro && mount -o remount,ro ro || { echo "no mount"; exit ${notRun}; }
          node "$TIPCHECK/cli/tipcheck.mjs" judge ort bundles/plain --report ro/r'`),
      check: async (_place, { stderr }) => (lines(stderr) <= 1 ? [] : [`${lines(stderr)} lines; one is wanted`]),
    },
    {
      ...{ name: 'bad byte in model.pdstates', point: ends, exit: [2], says: [/model\.pdstates/] },
      async run(place) {
        const options = ['--config', 'tiny.yml', '--iters', '2', '--batch_size', '2', '--save_dir', 'bad'];
        const cwd = place.path('work');
        await place.tipcheck(['train', ...options], { cwd });
        const path = place.path('work', 'bad', 'iter_2', 'model.pdstates');
        const bytes = await readFile(path);
        bytes[bytes.indexOf('{"seed"')] = 0x7d;
        await writeFile(path, bytes);
        return place.tipcheck(['train', ...options, '--iters', '4', '--resume_model', 'bad/iter_2'], { cwd });
      },
    },
    {
      ...{ name: 'unresolved alias in --map', point: ends, exit: [2], says: [/map\.yaml:1/] },
      async run(place) {
        await place.shell(`node "$TIPCHECK/cli/tipcheck.mjs" export --layers --out layers.onnx --model_path work/w.npz \\
          --config "$TIPCHECK/configs/segnext/segnext_mscan_t_cityscapes_1024x1024_160k.yml"`);
        await writeFile(place.path('map.yaml'), 'logits: *zz\n');
        return place.tipcheck(['judge', 'layers.onnx', 'segnext-t', '--map', 'map.yaml']);
      },
    },
    {
      ...{ name: 'two trainings in one save_dir', point: 'D16 locks', exit: [3], says: [/both/] },
      run: trainTwice,
    },
  ],
};

function yamlRow(name: string, write: (place: Place) => Promise<unknown>): CaseRow {
  return {
    ...{ name, point: bombs, exit: [2], seconds: soon, says: [/bomb\.yml/, /nodes|aliases/] },
    async run(place) {
      await write(place);
      // Bounded, so that the fault is seen without taking the machine's memory.
      const env = { NODE_OPTIONS: '--max-old-space-size=1500' };
      return place.tipcheck(['train', '--config', 'bomb.yml'], { env, seconds: 60 });
    },
  };
}

function rawRow(name: string, run: (place: Place) => Promise<Ran>): CaseRow {
  return {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what must not be printed
    ...{ name, point: raw, exit: [2], says: [/error title=x/], saysNot: [/\u001b\]/, /^::error/m] },
    run,
  };
}

async function addKey(path: string): Promise<void> {
  const text = await readFile(path, 'utf8');
  await writeFile(path, text.replace('{', `{${JSON.stringify('\u001b]0;x\n::error title=x::')}: 1,`));
}

async function storedRun(place: Place, name: string): Promise<string> {
  await place.once('run', () => place.tipcheck(['judge', 'ort', 'bundles/plain', '--report', 'run']));
  await place.shell(`rm -rf ${name} && cp -r run ${name}`);
  return place.path(name);
}

const lines = (text: string): number => text.split('\n').filter((line) => line.trim() !== '').length;

async function pipeInto(place: Place, program: string): Promise<Ran> {
  const command = `node "$TIPCHECK/cli/tipcheck.mjs" judge ort bundles/plain | ${program}; exit \${PIPESTATUS[0]}`;
  await writeFile(place.path('pipe.sh'), `${command}\n`);
  return place.shell('bash pipe.sh');
}

async function fetchOutside(place: Place): Promise<Ran> {
  await place.shell('node "$TIPCHECK/cli/tipcheck.mjs" weights segnext-t --out served.pdparams');
  const bytes = await readFile(place.path('served.pdparams'));
  let requests = 0;
  const server = createServer((_request, response) => {
    requests++;
    response.end(bytes);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const yml = await readFile(place.path('work', 'tiny.yml'), 'utf8');
  const address = `http://127.0.0.1:${port}/w.pdparams?x=/../../../../evil.pdparams`;
  await writeFile(place.path('work', 'fetch.yml'), yml.replace(/^model:$/m, `model:\n  pretrained: "${address}"`));
  const ran = await place.tipcheck(['train', '--config', 'fetch.yml', '--iters', '2', '--save_dir', 'fetched'], {
    ...{ cwd: place.path('work'), env: { XDG_CACHE_HOME: place.path('cache') } },
  });
  server.close();
  await writeFile(place.path('requests.txt'), String(requests));
  return ran;
}

async function trainTwice(place: Place): Promise<Ran> {
  const cwd = place.path('work');
  const args = [
    'train',
    '--config',
    'tiny.yml',
    '--iters',
    '200',
    '--batch_size',
    '2',
    '--save_dir',
    'both',
    '--log_iters',
    '1',
  ];
  const first = execa(process.execPath, [join(packageRoot, 'cli', 'tipcheck.mjs'), ...args], {
    ...{ cwd, reject: false, all: true, env: { TIPCHECK_SKIP_ENSURE: '1' } },
  });
  let said = '';
  first.all?.on('data', (text) => {
    said += String(text);
  });
  for (let tries = 0; tries < 600 && !/iter: 1\//.test(said); tries++) await sleep(100);
  const second = await place.tipcheck([...args, '--iters', '4'], { cwd, seconds: 120 });
  first.kill('SIGKILL');
  await first;
  return second;
}

/** Runs a command and prints the largest memory of it and its children, in MB. */
const withPeak = `
import resource, subprocess, sys
code = subprocess.call(sys.argv[1:])
print("peak", resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)
sys.exit(code)`;

/** The bundle whose draws lie in an npz of four arrays of 1 GiB of zeros. */
const npzBomb = `
import hashlib, json, shutil, zipfile
shutil.copytree("bundles/plain", "bomb", dirs_exist_ok=True)
case = json.load(open("bomb/case.json"))
header = b"{\\"descr\\": \\"<f4\\", \\"fortran_order\\": False, \\"shape\\": (268435456,), }"
header += b" " * (63 - (10 + len(header)) % 64) + b"\\n"
head = b"\\x93NUMPY\\x01\\x00" + len(header).to_bytes(2, "little") + header
with zipfile.ZipFile("bomb/bomb.npz", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as z:
    for i in range(4):
        with z.open(f"d{i}.npy", "w", force_zip64=True) as f:
            f.write(head)
            for _ in range(64): f.write(bytes(1 << 24))
for i, name in enumerate(case["draws"]): case["draws"][name] = {"file": "bomb.npz", "key": f"d{i % 4}"}
for i in range(4): case["draws"][f"x{i}"] = {"file": "bomb.npz", "key": f"d{i}"}
case["sha256"]["bomb.npz"] = hashlib.sha256(open("bomb/bomb.npz", "rb").read()).hexdigest()
json.dump(case, open("bomb/case.json", "w"))`;
