import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CaseRow, CaseTable } from './case-row.js';
import { casesFolder, type Place, type Ran } from './place.js';

type Counts = Readonly<Record<string, number>>;
interface Wanted {
  readonly exit: number;
  /** How many probes have which verdict. */
  readonly probes?: Counts;
  readonly says?: readonly RegExp[];
}

const uninformative: Wanted = { exit: 1, probes: { uninformative: 31 } };
const pass: Wanted = { exit: 0, probes: { pass: 31 } };
const fail: Wanted = { exit: 1, probes: { fail: 31 } };
const refused = (...says: RegExp[]): Wanted => ({ exit: 2, says: [/^Cannot /m, ...says] });

/** Bundles with one thing wrong: what an honest port gets, and one that gives zeros. */
const bundles: Readonly<Record<string, readonly [ort: Wanted, zeros: Wanted]>> = {
  plain: [pass, fail],
  noise10: [uninformative, uninformative],
  noise1e300: [uninformative, uninformative],
  'noise0.25': [uninformative, uninformative],
  'noise0.249': [pass, fail],
  noise001: [pass, fail],
  rms1e30: [uninformative, uninformative],
  sample1: [{ exit: 0, probes: { pass: 21, uninformative: 10 } }, { exit: 1 }],
  zeros: [fail, uninformative],
  zeroweights: [uninformative, uninformative],
  tinyrms: [{ exit: 1 }, fail],
  uninf: [{ ...uninformative, says: [/no informative probe was compared/] }, { exit: 1 }],
  uninf_but_one: [{ exit: 0, says: [/30 not informative/] }, { exit: 1 }],
  samefile: [{ exit: 1, says: [/first fault +backbone\.block1\.0/, /5 faulty/] }, fail],
  dup: [refused(), refused()],
  dupjson: [refused(/noise/, /backbone\.patch_embed1/), refused()],
  negnoise: [refused(), refused()],
  noise_nan: [refused(), refused()],
  noise_inf: [refused(), refused()],
  noise_null: [refused(), refused()],
  noise_str: [refused(), refused()],
};

const zeroPort = join(casesFolder, 'judge', 'zero-port.mjs');
export const judgeTable: CaseTable = {
  name: 'judge',
  python: null,
  prepare: (place) => place.putBundles(),
  rows: [
    ...Object.entries(bundles).flatMap(([name, [ort, zeros]]) => [
      bundleRow(`${name} ort`, name, 'ort', ort),
      bundleRow(`${name} zeros`, name, zeroPort, zeros),
    ]),
    ...['cpu', 'bogus'].map((device) => ({
      name: `device ${device}`,
      point: 'A4 nothing computed',
      exit: [3],
      says: [/gpu/, new RegExp(device)],
      run: (place: Place) => judge(place, 'noise10', zeroPort, ['--device', 'gpu'], { ZDEV: device }),
      check: async (place: Place) => ((await countProbes(place, 'noise10')) === '{}' ? [] : ['probes were compared']),
    })),
  ],
};

function bundleRow(name: string, bundle: string, port: string, wanted: Wanted): CaseRow {
  const { exit, probes, says } = wanted;
  return {
    ...{ name, point: 'A4 nothing computed', exit: [exit] },
    ...(says === undefined ? {} : { says }),
    run: (place) => judge(place, bundle, port),
    async check(place) {
      const found = probes === undefined ? null : await countProbes(place, bundle);
      const expected = JSON.stringify(sorted(probes ?? {}));
      return found === null || found === expected ? [] : [`probes are ${found}; ${expected} is wanted`];
    },
  };
}

async function judge(
  place: Place,
  bundle: string,
  port: string,
  options: readonly string[] = [],
  env = {},
): Promise<Ran> {
  const folder = place.path('bundles', bundle);
  const args = ['judge', port, folder, '--json', jsonOf(place, bundle), ...options];
  await place.shell(`rm -f "${jsonOf(place, bundle)}"`);
  return place.tipcheck(args, { env: { BUNDLE: folder, ...env } });
}

const jsonOf = (place: Place, bundle: string): string => place.path(`${bundle}.json`);

async function countProbes(place: Place, bundle: string): Promise<string> {
  const text = await readFile(jsonOf(place, bundle), 'utf8').catch(() => '{"bundles": []}');
  const verdicts: string[] = JSON.parse(text).bundles.flatMap((judged: { probes: { verdict: string }[] }) =>
    judged.probes.map(({ verdict }) => verdict),
  );
  const counts: Record<string, number> = {};
  for (const verdict of verdicts) counts[verdict] = (counts[verdict] ?? 0) + 1;
  return JSON.stringify(sorted(counts));
}

const sorted = (counts: Counts): Counts =>
  Object.fromEntries(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)));
