import t from 'tap';
import { type CudaMajor, cudaSets } from './cuda-sets.js';
import { planCuda } from './plan-cuda.js';

/** What would be fetched, without versions, where the machine has these libraries in these versions. */
function plan(major: CudaMajor, versions: Readonly<Record<string, string | null>>, wanted?: (name: string) => boolean) {
  const { parts } = cudaSets[major];
  const found = parts.flatMap(({ wheel: { requirement }, libraries }) =>
    libraries.map((name) => {
      const version = versions[name];
      return { name, requirement, path: version === undefined ? null : `/lib/${name}`, version: version ?? null };
    }),
  );
  return planCuda(parts, found, wanted ?? null).map(({ wheel }) => wheel.requirement.split('==')[0]);
}

const all = (major: CudaMajor, version: string | null) =>
  Object.fromEntries(cudaSets[major].parts.flatMap(({ libraries }) => libraries.map((name) => [name, version])));

/** All but these. */
const without = (versions: Readonly<Record<string, string | null>>, ...names: readonly string[]) =>
  Object.fromEntries(Object.entries(versions).filter(([name]) => !names.includes(name)));

t.test('where all is there nothing is fetched, whatever the versions', async (t) => {
  t.strictSame(plan(12, all(12, '1')), []);
  t.strictSame(plan(13, all(13, null)), []);
});

t.test('where nothing is there all of it is, or what is wanted with what that needs', async (t) => {
  t.equal(plan(12, {}).length, cudaSets[12].parts.length);
  const isFft = (name: string) => name === 'libcufft.so.11';
  t.strictSame(plan(12, {}, isFft), ['nvidia-nvjitlink-cu12', 'nvidia-cufft-cu12']);
});

t.test('what is missing is fetched, and what it needs where that is older or of an unknown version', async (t) => {
  const lacking = (version: string | null) => plan(12, without(all(12, version), 'libcusparse.so.12'));
  const nvcc = 'nvidia-cuda-nvcc-cu12';
  t.strictSame(lacking('12.9.86'), ['nvidia-cusparse-cu12', nvcc]);
  t.strictSame(lacking('12.10'), ['nvidia-cusparse-cu12', nvcc], 'later by number, and not by its digits');
  t.strictSame(lacking('12.9.85'), ['nvidia-nvjitlink-cu12', 'nvidia-cusparse-cu12', nvcc]);
  t.strictSame(lacking('12.9'), ['nvidia-nvjitlink-cu12', 'nvidia-cusparse-cu12', nvcc]);
  t.strictSame(lacking(null), ['nvidia-nvjitlink-cu12', 'nvidia-cusparse-cu12', nvcc]);
});

t.test('what is fetched because of another brings along what it needs itself', async (t) => {
  t.strictSame(plan(12, without(all(12, '12.1'), 'libcusolver.so.11')), [
    'nvidia-nvjitlink-cu12',
    'nvidia-cublas-cu12',
    'nvidia-cusparse-cu12',
    'nvidia-cusolver-cu12',
    'nvidia-cuda-nvcc-cu12',
  ]);
});

t.test('what a part needs is a library of its own set', async (t) => {
  for (const { parts } of Object.values(cudaSets)) {
    const names = parts.flatMap(({ libraries }) => libraries);
    for (const { wheel, needs } of parts)
      t.ok(
        needs.every((name) => names.includes(name)),
        wheel.requirement,
      );
  }
});
