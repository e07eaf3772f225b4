import { createHash } from 'node:crypto';
import { cp, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { useEveryKey, writeTestBundle2 } from '../../../harness/golden/bundle-2-for-tests.js';
import { parseCaseFile } from '../../../harness/golden/case-file.js';
import { readBundle } from '../../../harness/golden/read-bundle.js';
import { parseCurve } from '../../../harness/golden/read-curve.js';
import { readEvalGolden } from '../../../harness/golden/read-eval-golden.js';
import { writeTestBundle } from '../../../harness/golden/test-bundle.js';
import { faultyCase, makeResult, makeStep, makeTipcResult } from '../../../harness/reporters/result-for-tests.js';
import { parseResult } from '../../../harness/result/parse-result.js';
import { findContradictions } from '../../../harness/run/find-contradictions.js';
import { packageRoot } from '../../../harness/support/package-root.js';
import { readKept, readKeptRecord } from '../../../pipeline/evaluate/kept-evaluation.js';
import type { FuzzTarget } from '../fuzz-target.js';

const fixtures = join(packageRoot, 'fixtures');
const streetGolden = join(fixtures, 'eval', 'street');
/** Of the empty file that stands for its picture. */
const keptHashes = { image: 'a.png', imageSha256: createHash('sha256').digest('hex'), labelSha256: null };
const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');

/** Bundles of both formats in one folder, with their files. */
async function writeBoth(folder: string): Promise<void> {
  await writeTestBundle(folder);
  await rename(join(folder, 'case.json'), join(folder, 'first.json'));
  await writeTestBundle2(folder, useEveryKey);
  await rename(join(folder, 'case.json'), join(folder, 'second.json'));
}

export const recordTargets: readonly FuzzTarget[] = [
  {
    ...{ name: 'case', file: 'case.json', isText: true },
    samples: () =>
      Promise.all(
        [
          ...['segnext-t-odd', 'segnext-custom-train'].map((name) => join(fixtures, 'golden', name, 'case.json')),
          'second.json',
        ].map((path) => readFile(path)),
      ),
    begin: writeBoth,
    read: (path, bytes) => parseCaseFile(textOf(bytes), path),
  },
  {
    ...{ name: 'bundle', file: 'case.json', isText: true },
    samples: () => Promise.all(['first.json', 'second.json'].map((name) => readFile(name))),
    begin: writeBoth,
    read: (path) => readBundle(dirname(path)),
  },
  {
    ...{ name: 'eval golden', file: 'golden.json', isText: true },
    samples: async () => [await readFile(join(streetGolden, 'golden.json'))],
    begin: (folder) => cp(streetGolden, folder, { recursive: true }),
    read: (path) => readEvalGolden(dirname(path)),
  },
  {
    ...{ name: 'kept evaluation', file: 'evaluation.json', isText: true },
    samples: async () => [Buffer.from('{"format": "tipcheck-evaluation/1", "port": "ort", "classes": 2}')],
    read: (path) => readKeptRecord(dirname(path)),
  },
  {
    ...{ name: 'kept image', file: 'images/0-0.json', isText: true },
    samples: async () => [
      Buffer.from(
        JSON.stringify({
          ...keptHashes,
          confusion: [
            [3, 0],
            [1, 2],
          ],
        }),
      ),
    ],
    begin: (folder) => writeFile(join(folder, 'a.png'), ''),
    read: (path) => readKept(dirname(dirname(path)), '0-0', { image: 'a.png', label: null }, 2),
  },
  {
    ...{ name: 'curve', file: 'curve.json', isText: true },
    samples: async () => [await readFile(join(fixtures, 'curves', 'segnext-t', 'curve.json'))],
    read: (path, bytes) => parseCurve(textOf(bytes), dirname(path)),
  },
  {
    ...{ name: 'result', file: 'result.json', isText: true },
    samples: async () => [
      ...[makeResult([faultyCase()]), makeTipcResult([makeStep()])].map((result) =>
        Buffer.from(JSON.stringify(result, null, 1)),
      ),
      // Of format 1, which is made one of today.
      ...(await Promise.all(
        ['waived', 'tipc'].map((sort) => readFile(join(packageRoot, 'test', 'stored-1', `${sort}.json`))),
      )),
    ],
    read: (path, bytes) => findContradictions(parseResult(textOf(bytes), path)),
  },
];
