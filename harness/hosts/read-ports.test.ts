import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { execa } from 'execa';
import t from 'tap';
import { packageRoot } from '../support/package-root.js';
import { adapters, namedPorts, portWithoutGraphs, runsGraphs } from './read-ports.js';

t.test('each folder of ports/ with a port.ts says what it is', async (t) => {
  const folder = join(packageRoot, 'ports');
  const folders = readdirSync(folder).filter((name) => existsSync(join(folder, name, 'port.ts')));
  t.same([...namedPorts, ...adapters].map(({ name }) => name).sort(), folders);
  const ranks = namedPorts.map(({ rank }) => rank);
  t.same(ranks, [...new Set(ranks)].sort(), 'no two are of one rank');
});

t.test(
  'a graph is judged beside a required port that runs none; where there is no such port, a sentence says so',
  async (t) => {
    t.notOk(runsGraphs(portWithoutGraphs().name));
    const without = namedPorts.map((port) => ({ ...port, required: port.required && runsGraphs(port.name) }));
    t.throws(() => portWithoutGraphs(without), {
      message: /^no folder of ports\/ is required and runs weights and no/,
    });
  },
);

t.test('engines are of the version that package.json installs, and packages ask for no older', async (t) => {
  const { devDependencies, peerDependencies } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8'));
  for (const { name, version } of namedPorts.flatMap(({ engines }) => engines)) {
    t.equal(devDependencies[name], version, name);
    t.equal(peerDependencies[name], `^${version}`, name);
  }
});

/**
 * Node's loader, with a hook that lets no package in; of packages that are required it asks Node. What tap brings along
 * is there before.
 */
const loads = (url: string) => `
  import { createRequire, register } from 'node:module';
  const hook = \`export async function resolve(name, context, next) {
    const found = await next(name, context);
    if (found.url.includes('/node_modules/')) throw new Error('it imports ' + name);
    return found;
  }\`;
  register('data:text/javascript,' + encodeURIComponent(hook));
  const { cache } = createRequire(import.meta.url);
  const before = Object.keys(cache);
  await import(${JSON.stringify(url)});
  const required = Object.keys(cache).find((path) => !before.includes(path) && path.includes('node_modules'));
  if (required !== undefined) throw new Error('it requires ' + required);
`;

t.test('what all ports say of themselves loads no engine, and no package at all', async (t) => {
  const url = pathToFileURL(join(import.meta.dirname, 'read-ports.js')).href;
  const { exitCode, stderr } = await execa(process.execPath, ['--input-type=module', '-e', loads(url)], {
    reject: false,
  });
  t.equal(exitCode, 0, stderr);
});
