/**
 * ONNX Runtime Web as an engine of tipcheck (docs/engines.md): its provider webgpu, in headless Chromium. Its arguments
 * are the folder whose node_modules holds the package, and the file of the package that the page imports: two
 * implementations of webgpu differ by that file alone. adapter.page.mjs runs in the page. It gets its questions as
 * events from a server on the loopback interface, and posts its answers.
 */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, createWriteStream, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { delimiter, dirname, extname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';

const [, program, folder, module = 'ort.webgpu.min.mjs'] = process.argv;
const dist = join(folder, 'node_modules', 'onnxruntime-web', 'dist');
/** Other users of the machine reach the port, and do not know this. */
const token = randomUUID();
let browser = null;
/** The file of each address that the page may read, and the one that its outputs go to. */
let files = {};
let outputs = null;
/** The open stream of questions; its end is the page's. */
let page = null;
const arrived = withResolvers();
let waiting = withResolvers();

async function load({ file, device, threads, outputs: asked }) {
  if (!existsSync(join(dist, module)) || extname(module) !== '.mjs' || module.includes('/'))
    throw new Error(`there is no module ${module} in ${dist}; ort.webgpu.min.mjs or ort.min.mjs is wanted`);
  browser ??= await startBrowser(dirname(file), device);
  files = { ...files, graph: file };
  return ask({ op: 'load', module, device, threads, outputs: asked.map(({ name }) => name) });
}

async function run({ data, index, answer }) {
  files = { ...files, data };
  outputs = answer;
  return ask({ op: 'run', index });
}

async function ask(question) {
  await Promise.race([arrived.promise, waiting.promise]);
  page?.write(`data: ${JSON.stringify(question)}\n\n`);
  const answer = await waiting.promise;
  waiting = withResolvers();
  if ('error' in answer) throw new Error(answer.error);
  return answer;
}

/** @param near where its profile is made: what removes the graph removes it as well */
async function startBrowser(near, device) {
  const path = findChromium();
  const server = createServer((request, response) => void serve(request, response).catch((error) => fail(error)));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const profile = mkdtempSync(join(near, 'chromium-'));
  const url = `http://127.0.0.1:${server.address().port}/${token}/`;
  const args = [
    ...flags,
    ...(device === 'gpu' ? [] : ['--use-webgpu-adapter=swiftshader']),
    `--user-data-dir=${profile}`,
  ];
  // Chromium ends by itself when the pipes 3 and 4 close, so also where this program is killed.
  const child = spawn(path, [...args, url], {
    // What it writes elsewhere than into its profile goes there, too; a path from the root is too long for its socket.
    ...{ cwd: profile, env: { ...process.env, HOME: '.', TMPDIR: '.' } },
    stdio: ['ignore', 'ignore', 'inherit', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit').catch((error) => [error.message]);
  void ended.then(([code, signal]) => fail(new Error(`${path} ended with ${signal ?? code}`)));
  return async () => {
    child.kill('SIGKILL');
    await ended;
    rmSync(profile, { recursive: true, force: true, maxRetries: 10 });
  };
}

/** It opens no page but the one here. Without a sandbox it runs in containers and as root, too. */
const flags = [
  ...['--headless', '--no-sandbox', '--no-first-run', '--disable-background-networking', '--disable-component-update'],
  ...['--disable-sync', '--disable-extensions', '--remote-debugging-pipe', '--disable-dev-shm-usage', '--log-level=3'],
  ...['--enable-unsafe-webgpu', '--enable-webgpu-developer-features'],
];

function findChromium() {
  const names = process.env.CHROMIUM ? [process.env.CHROMIUM] : ['chromium', 'chromium-browser', 'google-chrome'];
  const folders = (process.env.PATH ?? '').split(delimiter);
  const places = names.flatMap((name) => (name.includes('/') ? [name] : folders.map((folder) => join(folder, name))));
  const found = places.find((place) => existsSync(place));
  if (found !== undefined) return found;
  throw new Error(
    `there is no ${names.join(' or ')}; Chromium is wanted. Fix: install Chromium (Debian: apt install chromium), or set CHROMIUM to its path`,
  );
}

/** What the page asks for. */
async function serve(request, response) {
  const [, given, what, name = ''] = request.url.split('/');
  if (given !== token) return response.writeHead(404).end();
  // The two policies allow threads.
  response.setHeader('cross-origin-opener-policy', 'same-origin');
  response.setHeader('cross-origin-embedder-policy', 'require-corp');
  if (what === 'questions') return openQuestions(response);
  if (what === 'answer') waiting.resolve(JSON.parse(await text(request)));
  if (what === 'outputs') await pipeline(request, createWriteStream(outputs, { flags: 'wx' }));
  if (what === '')
    return response.setHeader('content-type', 'text/html').end('<script type="module" src="page"></script>');
  const file = { page: program.replace(/mjs$/, 'page.mjs'), ort: join(dist, name), ...files }[what];
  if (file === undefined || !existsSync(file)) return response.end();
  response.setHeader('content-type', types[extname(file)] ?? 'application/octet-stream');
  await pipeline(createReadStream(file), response);
}

const types = { '.mjs': 'text/javascript', '.wasm': 'application/wasm' };

function openQuestions(response) {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.flushHeaders();
  response.on('close', () => fail(new Error('the page in Chromium ended')));
  page = response;
  arrived.resolve();
}

function fail(error) {
  waiting.resolve({ error: error.message });
}

function withResolvers() {
  const made = {};
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
  return made;
}

for await (const line of createInterface({ input: process.stdin })) {
  const question = JSON.parse(line);
  if (question.op === 'close') break;
  const answer = await (question.op === 'load' ? load(question) : run(question)).then(
    (given) => ({ ok: true, ...given }),
    (error) => ({ ok: false, error: error.message }),
  );
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
await browser?.();
process.exit(0);
