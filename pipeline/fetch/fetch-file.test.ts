import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { cachedPath, type FetchOptions, fetchFile } from './fetch-file.js';
import type { FetchProgress } from './fetch-progress.js';
import { type Behaviour, dropAfter, serveBytes, serveForTests, stallAfter, status } from './server-for-tests.js';

const bytes = new Uint8Array(200_000).map((_, index) => (index * 7) % 251);
const changed = new Uint8Array(210_000).map((_, index) => (index * 5) % 241);
const hashOf = (content: Uint8Array) => createHash('sha256').update(content).digest('hex');
const quick = { stallMs: 10_000, backoffMs: () => 1 };

t.test('a file is fetched once, and its hash recorded as sha256sum writes it', async (t) => {
  const { server, fetched, options } = await begin(t, serveBytes(bytes));
  const first = await fetched();
  t.strictSame(first, { path: options.to, sha256: hashOf(bytes), fromCache: false });
  t.equal(readFileSync(`${options.to}.sha256`, 'utf8'), `${hashOf(bytes)}  model.bin\n`);
  t.strictSame(readdirSync(join(options.to, '..')).sort(), ['model.bin', 'model.bin.sha256'], 'nothing else is left');
  t.strictSame(await fetched(), { ...first, fromCache: true });
  t.equal(server.requests.length, 1);
});

t.test('a dropped connection is resumed where it broke', async (t) => {
  const { server, fetched, options, progress } = await begin(t, dropAfter(bytes, 50_000), serveBytes(bytes));
  t.equal((await fetched()).sha256, hashOf(bytes));
  t.ok(readFileSync(options.to).equals(bytes));
  t.match(server.requests[1]!.headers, { range: 'bytes=50000-', 'if-range': '"1"' });
  t.match(
    progress.find(({ kind }) => kind === 'retry'),
    { reason: /^it broke off after 50000 of 200000 bytes \(.+\)$/, waitMs: 1 },
  );
  t.match(progress.at(-1), { kind: 'bytes', done: 200_000, total: 200_000, resumedFrom: 50_000 });
});

t.test('what a killed process left is resumed by the next', async (t) => {
  const { server, fetched, options } = await begin(t, serveBytes(bytes));
  leavePartial(options.to, bytes.subarray(0, 120_000), `${server.base}/model.bin`);
  t.equal((await fetched()).sha256, hashOf(bytes));
  t.equal(server.requests.length, 1);
  t.equal(server.requests[0]!.headers.range, 'bytes=120000-');
});

t.test('a whole file that was not yet renamed is not fetched again', async (t) => {
  const { server, fetched, options } = await begin(t, status(500));
  leavePartial(options.to, bytes, `${server.base}/model.bin`);
  t.equal((await fetched()).sha256, hashOf(bytes));
  t.equal(server.requests.length, 0);
});

t.test('a partial file of another address, or longer than the whole, is not gone on from', async (t) => {
  for (const [content, url] of [
    [changed.subarray(0, 100), 'http://elsewhere/model.bin'],
    [changed, null],
  ] as const) {
    const { server, fetched, options } = await begin(t, serveBytes(bytes));
    leavePartial(options.to, content, url ?? `${server.base}/model.bin`);
    t.equal((await fetched()).sha256, hashOf(bytes));
    t.equal(server.requests[0]!.headers.range, undefined);
  }
});

t.test('a file that changed between two tries is fetched whole', async (t) => {
  const { fetched } = await begin(t, dropAfter(bytes, 50_000), serveBytes(changed, '"2"'));
  t.equal((await fetched()).sha256, hashOf(changed));
});

t.test('a server that sends a piece of the changed file all the same is not believed', async (t) => {
  for (const headers of [
    { 'content-range': 'bytes 50000-199999/200000', etag: '"2"' },
    { 'content-range': 'bytes 50000-209999/210000' },
    { 'content-range': 'bytes 0-199999/200000' },
    { 'content-range': 'nonsense' },
  ]) {
    const piece: Behaviour = (_request, response) =>
      void response.writeHead(206, headers).end(changed.subarray(50_000));
    const { fetched } = await begin(t, dropAfter(bytes, 50_000), piece, serveBytes(changed, '"2"'));
    t.equal((await fetched()).sha256, hashOf(changed));
  }
});

t.test('a server that sends less of the range than was asked for is asked for the rest', async (t) => {
  const piece: Behaviour = (_request, response) => {
    const headers = { 'content-range': 'bytes 50000-99999/200000', 'content-length': 50_000, etag: '"1"' };
    response.writeHead(206, headers).end(bytes.subarray(50_000, 100_000));
  };
  const { server, fetched } = await begin(t, dropAfter(bytes, 50_000), piece, serveBytes(bytes));
  t.equal((await fetched()).sha256, hashOf(bytes));
  t.equal(server.requests[2]!.headers.range, 'bytes=100000-');
});

t.test('a server that ignores Range sends the whole again', async (t) => {
  const whole: Behaviour = (_request, response) =>
    void response.writeHead(200, { 'content-length': bytes.length }).end(bytes);
  const { server, fetched } = await begin(t, dropAfter(bytes, 50_000), whole);
  t.equal((await fetched()).sha256, hashOf(bytes));
  t.equal(server.requests[1]!.headers.range, 'bytes=50000-');
});

t.test('without a strong validator nothing is resumed', async (t) => {
  for (const headers of [{}, { etag: 'W/"1"' }] as Record<string, string>[]) {
    const { server, fetched } = await begin(t, dropAfter(bytes, 50_000, headers), serveBytes(bytes));
    t.equal((await fetched()).sha256, hashOf(bytes));
    t.equal(server.requests[1]!.headers.range, undefined);
  }
  const date = 'Mon, 01 Jan 2024 00:00:00 GMT';
  const dated = await begin(t, dropAfter(bytes, 50_000, { etag: 'W/"1"', 'last-modified': date }), serveBytes(bytes));
  t.equal((await dated.fetched()).sha256, hashOf(bytes));
  t.equal(dated.server.requests[1]!.headers['if-range'], date, 'the date will do');
});

t.test('a range that the server has not (416) starts afresh', async (t) => {
  const { server, fetched } = await begin(t, dropAfter(bytes, 50_000), status(416), serveBytes(bytes));
  t.equal((await fetched()).sha256, hashOf(bytes));
  t.equal(server.requests[2]!.headers.range, undefined);
});

t.test('a server that falls silent is given up, and asked again', async (t) => {
  const { fetched, progress } = await begin(t, stallAfter(bytes, 1000), () => undefined, serveBytes(bytes));
  t.equal((await fetched({ stallMs: 1000 })).sha256, hashOf(bytes));
  const reasons = progress.flatMap((event) => (event.kind === 'retry' ? event.reason : []));
  t.strictSame(reasons, ['the server was silent for 1 s', 'the server was silent for 1 s']);
});

t.test('a length that promises more than comes is never taken for the file', async (t) => {
  const liar: Behaviour = (_request, response) => {
    response.writeHead(200, { 'content-length': bytes.length + 10 });
    response.write(bytes, () => setTimeout(() => response.destroy(), 200));
  };
  const { fetched, options, server } = await begin(t, liar);
  await t.rejects(fetched({ otherwise: 'give --pretrained none' }), {
    name: 'EnvironmentError',
    message: new RegExp(
      `^Cannot fetch ${server.base}/model.bin: it broke off after 200000 of 200010 bytes \\(.+\\) \\(5 tries\\); the file is wanted. Fix: download it elsewhere and put it at ${options.to}, or give --pretrained none$`,
    ),
  });
  t.equal(server.requests.length, 5);
  t.notOk(existsSync(options.to));
});

t.test('a length that promises less is caught by a hash that is known', async (t) => {
  const liar: Behaviour = (_request, response) => {
    response.writeHead(200, { 'content-length': 1000 });
    response.end(bytes);
  };
  const { fetched, options } = await begin(t, liar);
  await t.rejects(fetched({ sha256: hashOf(bytes) }), {
    name: 'UserError',
    message: new RegExp(`its sha256 is ${hashOf(bytes.subarray(0, 1000))}; ${hashOf(bytes)} is wanted$`),
  });
  t.strictSame(readdirSync(join(options.to, '..')), []);
});

t.test('a body without a length is taken as it ends', async (t) => {
  const { fetched, progress } = await begin(t, (_request, response) => {
    response.writeHead(200);
    response.write(bytes.subarray(0, 10));
    response.end(bytes.subarray(10));
  });
  t.equal((await fetched()).sha256, hashOf(bytes));
  t.match(progress.at(-1), { done: 200_000, total: null });
});

t.test('redirects are followed, and a circle of them is refused', async (t) => {
  const { server, fetched } = await begin(t, status(302, { location: '/elsewhere' }), serveBytes(bytes));
  t.equal((await fetched()).sha256, hashOf(bytes));
  t.equal(server.requests[1]!.url, '/elsewhere');
  const circle = await begin(t, status(302, { location: '/model.bin' }));
  await t.rejects(circle.fetched(), { name: 'UserError', message: /: its redirects lead nowhere; the file is wanted/ });
});

t.test('what the server refuses for good is not asked for again', async (t) => {
  for (const [code, text] of [
    [404, 'there is no such file (404)'],
    [403, 'the server refuses it (403)'],
  ] as const) {
    const { server, fetched, options } = await begin(t, status(code));
    await t.rejects(fetched(), {
      name: 'UserError',
      message: `Cannot fetch ${server.base}/model.bin: ${text}; the file is wanted. Fix: download it elsewhere and put it at ${options.to}`,
    });
    t.equal(server.requests.length, 1);
  }
});

t.test("a server's trouble is waited out, as long as it asks", async (t) => {
  const { fetched, progress } = await begin(t, status(500), status(503, { 'retry-after': '0' }), serveBytes(bytes));
  t.equal((await fetched({ backoffMs: () => 3 })).sha256, hashOf(bytes));
  t.match(
    progress.filter(({ kind }) => kind === 'retry'),
    [
      { reason: 'the server answers 500', waitMs: 3 },
      { reason: 'the server answers 503', waitMs: 0 },
    ],
  );
  const down = await begin(t, status(500));
  await t.rejects(down.fetched(), { name: 'EnvironmentError', message: /: the server answers 500 \(5 tries\); / });
});

t.test('where nobody answers, it says soon what to put where', async (t) => {
  const port = await new Promise<number>((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(address !== null && typeof address === 'object' ? address.port : 0));
    });
  });
  const to = join(t.testdir({}), 'model.bin');
  await t.rejects(
    fetchFile(`http://127.0.0.1:${port}/a/model.bin`, { ...quick, to, otherwise: 'use --pretrained none' }),
    {
      name: 'EnvironmentError',
      message: `Cannot fetch http://127.0.0.1:${port}/a/model.bin: 127.0.0.1:${port} refuses the connection (2 tries); the file is wanted. Fix: download it elsewhere and put it at ${to}, or use --pretrained none`,
    },
  );
});

t.test('a file put there by hand is recorded at its first use', async (t) => {
  const { server, fetched, options } = await begin(t, status(500));
  writeFileSync(options.to, bytes);
  t.strictSame(await fetched(), { path: options.to, sha256: hashOf(bytes), fromCache: true });
  t.ok(existsSync(`${options.to}.sha256`));
  t.equal(server.requests.length, 0);
});

t.test('a file that is not what was recorded is an error that says both', async (t) => {
  const { fetched, options } = await begin(t, serveBytes(bytes));
  await fetched();
  writeFileSync(options.to, changed);
  await t.rejects(fetched(), {
    name: 'UserError',
    message: `Cannot use ${options.to}: its sha256 is ${hashOf(changed)}; ${hashOf(bytes)} was recorded at its first use. Fix: delete the file to fetch it again, or ${options.to}.sha256 if the change is wanted`,
  });
});

t.test('a file fetched again must be what was recorded', async (t) => {
  const { server, fetched, options } = await begin(t, serveBytes(changed));
  writeFileSync(`${options.to}.sha256`, `${hashOf(bytes)}  model.bin\n`);
  await t.rejects(fetched(), {
    message: `Cannot use what ${server.base}/model.bin sends: its sha256 is ${hashOf(changed)}; ${hashOf(bytes)} was recorded in ${options.to}.sha256 at the first use`,
  });
  t.strictSame(readdirSync(join(options.to, '..')), ['model.bin.sha256']);
});

t.test('a stored file must have the hash that is asked for', async (t) => {
  const { fetched, options } = await begin(t, serveBytes(bytes));
  await fetched();
  await t.rejects(fetched({ sha256: hashOf(changed) }), {
    message: `Cannot use ${options.to}: its sha256 is ${hashOf(bytes)}; ${hashOf(changed)} is wanted. Fix: delete it and model.bin.sha256 to fetch it again`,
  });
});

t.test(
  'a partial file with the right validator and wrong bytes is fetched whole, where the hash is known',
  async (t) => {
    const { server, fetched, options } = await begin(t, serveBytes(bytes));
    leavePartial(options.to, changed.subarray(0, 1000), `${server.base}/model.bin`);
    t.equal((await fetched({ sha256: hashOf(bytes) })).sha256, hashOf(bytes));
    t.equal(server.requests.length, 2);
  },
);

t.test('a record that is none is named', async (t) => {
  const { fetched, options } = await begin(t, serveBytes(bytes));
  writeFileSync(`${options.to}.sha256`, 'hello');
  await t.rejects(fetched(), {
    message: `Cannot read ${options.to}.sha256: it does not begin with 64 hex digits; a record of sha256sum is wanted. Fix: delete it`,
  });
});

t.test('contents that the caller refuses are not kept', async (t) => {
  const { server, fetched, options } = await begin(t, serveBytes(bytes));
  await t.rejects(fetched({ refuse: async () => 'it is a web page; weights are wanted' }), {
    name: 'UserError',
    message: `Cannot use what ${server.base}/model.bin sends: it is a web page; weights are wanted`,
  });
  t.strictSame(readdirSync(join(options.to, '..')), []);
});

t.test('of two that want the same file at a time, one fetches', async (t) => {
  const slow: Behaviour = (request, response) => void setTimeout(() => serveBytes(bytes)(request, response), 100);
  const { server, fetched, progress } = await begin(t, slow);
  const both = await Promise.all([fetched({ stallMs: 5000 }), fetched({ stallMs: 5000 })]);
  t.strictSame(both.map(({ fromCache }) => fromCache).sort(), [false, true]);
  t.equal(server.requests.length, 1);
  t.ok(progress.some(({ kind }) => kind === 'wait'));
});

t.test('what is not an address of a file is said before anything is asked', async (t) => {
  for (const [address, text] of [
    ['model.pdparams', 'it is not an address; one that begins with https:// or http:// is wanted'],
    ['ftp://x/y', 'it is not an address; one that begins with https:// or http:// is wanted'],
    ['https://x/y/', 'it names a folder; a file is wanted'],
  ] as const) {
    await t.rejects(fetchFile(address), { name: 'UserError', message: `Cannot fetch ${address}: ${text}` });
  }
  await t.rejects(fetchFile('https://me:secret@host/y'), {
    message: "Cannot fetch from host: the address holds a user's name; one without is wanted",
  });
});

t.test('a place that cannot be written is a sentence', async (t) => {
  const { server, options } = await begin(t, serveBytes(bytes));
  const to = join(options.to, 'x');
  writeFileSync(options.to, '');
  await t.rejects(fetchFile(`${server.base}/model.bin`, { to }), {
    name: 'UserError',
    message: new RegExp(
      `^Cannot write ${server.base}/model.bin to ${to}: a part of its folder is a file; a place that can be written is wanted$`,
    ),
  });
});

t.test('a place in the cache is one that a person finds, and stays within it', async (t) => {
  t.equal(cachedPath('https://host.com/a/b/model.pdparams', '/c'), '/c/host.com/a/b/model.pdparams');
  t.equal(cachedPath('http://host:81/m.zip?v=1', '/c'), '/c/host_81/m.zip_v=1');
  t.equal(cachedPath('https://host/a/%2e%2e/../../../m', '/c'), '/c/host/m');
  t.equal(cachedPath('https://host/a/..%2f..%2fm', '/c'), '/c/host/a/..%2f..%2fm');
  t.equal(cachedPath('https://host/w.pdparams?x=/../../../evil', '/c'), '/c/host/w.pdparams_x=_.._.._.._evil');
  const { server } = await begin(t, serveBytes(bytes));
  const cache = t.testdir({});
  const { path } = await fetchFile(`${server.base}/deep/model.bin`, { cache });
  t.equal(path, join(cache, server.base.slice('http://'.length).replace(':', '_'), 'deep', 'model.bin'));
});

async function begin(t: Test, ...behaviours: Behaviour[]) {
  const server = await serveForTests(t);
  server.answer(...behaviours);
  const progress: FetchProgress[] = [];
  const onProgress = (event: FetchProgress) => void progress.push(event);
  const options = { ...quick, to: join(t.testdir({}), 'model.bin'), onProgress };
  const fetched = (more: FetchOptions = {}) => fetchFile(`${server.base}/model.bin`, { ...options, ...more });
  return { server, fetched, options, progress };
}

function leavePartial(to: string, content: Uint8Array, url: string): void {
  writeFileSync(`${to}.part`, content);
  writeFileSync(`${to}.part.json`, JSON.stringify({ url, validator: '"1"', total: bytes.length }));
}

t.test('an address writes nowhere but in the cache, also where a link in the cache leads out', async (t) => {
  const server = await serveForTests(t);
  server.answer(serveBytes(bytes));
  const folder = t.testdir({ cache: {}, elsewhere: {} });
  const cache = join(folder, 'cache');
  const { path } = await fetchFile(`${server.base}/w.bin?x=/../../../../elsewhere/evil.bin`, { cache, ...quick });
  t.ok(path.startsWith(`${cache}/127.0.0.1`) || path.startsWith(`${cache}/localhost`), path);
  t.strictSame(readdirSync(join(folder, 'elsewhere')), []);
  const [host] = readdirSync(cache);
  symlinkSync('../../elsewhere', join(cache, host!, 'out'));
  await t.rejects(fetchFile(`${server.base}/out/w.bin`, { cache, ...quick }), {
    name: 'UserError',
    message:
      /^Cannot write what http:.*\/out\/w\.bin sends: .*out\/w\.bin leaves the folder .*cache; a place within it/,
  });
  t.strictSame(readdirSync(join(folder, 'elsewhere')), []);
});
