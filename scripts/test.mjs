// `npm test`: set-up, the linter, then every compiled test. `--all` adds the slow ones, and fails where no test loads a
// source file (scripts/reach.mjs). `--gate` fails where a test did not run for a reason without a name
// (scripts/skips.mjs). Further arguments go to tap.
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { checkNodeVersion } from './node-version.mjs';
import { createSkipList, refuseSkips, renderSkips } from './skips.mjs';
import { createTapFilter } from './tap-lines.mjs';

checkNodeVersion();
const { ensureBuild, ensureDependencies, root, tell } = await import('./ensure.mjs');

const all = process.argv.includes('--all');
const isGate = process.argv.includes('--gate');
const tapArguments = process.argv.slice(2).filter((argument) => !['--all', '--gate'].includes(argument));
const isWhole = tapArguments.length === 0;
const environment = { ...process.env, ...(all ? { TIPCHECK_TEST_ALL: '1' } : {}) };
const timings = [];
let current = () => ['start', 0];

await stage('dependencies', ensureDependencies);
await stage('build', () => ensureBuild({ check: true }));
await stage('native parts', () =>
  run([join('cli', 'tipcheck.mjs'), 'prepare', '--device', 'cpu'], { TIPCHECK_SKIP_ENSURE: '1' }),
);
await stage('linter', () => run([join('node_modules', '@biomejs', 'biome', 'bin', 'biome'), 'check', '.']));
await stage('tests', runTap);
printTimings();

async function stage(name, work) {
  const began = performance.now();
  current = () => [name, (performance.now() - began) / 1000];
  await work();
  timings.push(current());
}

/** Ends the whole at the first stage that fails, with its exit code. */
function run(args, extra = {}) {
  const { status } = spawnSync(process.execPath, args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...environment, ...extra },
  });
  if (status !== 0) fail(args, status);
}

/** On a terminal tap draws its own display; elsewhere its plain output is cut down to what is worth reading. */
async function runTap() {
  const args = [join('node_modules', 'tap', 'dist', 'esm', 'run.mjs'), ...tapArguments];
  if (process.stdout.isTTY && !isGate && !all) return run(args);
  const reach = all ? (await import('./reach.mjs')).keepReach(isWhole) : null;
  const tap = spawn(process.execPath, [...args, '--reporter=tap'], {
    cwd: root,
    env: { ...environment, ...reach?.environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const filter = createTapFilter((line) => process.stdout.write(`${line}\n`));
  const skips = createSkipList();
  createInterface({ input: tap.stdout }).on('line', (line) => {
    filter(line);
    skips.take(line);
  });
  const status = await new Promise((resolve) => tap.once('close', resolve));
  const { lines, strange } = renderSkips(skips.found);
  process.stdout.write(`${lines.join('\n')}\n`);
  const unreached = reach?.finish() ?? [];
  if (status !== 0) fail(args, status);
  if (unreached.length > 0) {
    tell(
      `No test reached ${unreached.length} source files${isWhole ? `: ${unreached.join(', ')}` : ' yet; npm run reach lists them'}`,
    );
    if (isWhole) fail(args, 1);
  }
  if (isGate && strange.length > 0) {
    tell(refuseSkips(strange.length));
    fail(args, 1);
  }
}

function fail(args, status) {
  timings.push(current());
  printTimings();
  tell(`npm test failed at: node ${args.join(' ')}`);
  process.exit(status ?? 1);
}

function printTimings() {
  tell(timings.map(([name, seconds]) => `${name} ${seconds.toFixed(1)} s`).join(' · '));
}
