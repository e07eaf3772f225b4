import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { parseSuite } from '../harness/config/suite.js';
import { parseWaivers } from '../harness/config/waivers.js';
import { parseCaseFile } from '../harness/golden/case-file.js';
import { writeEvalGolden } from '../harness/golden/eval-golden-for-tests.js';
import { parseCurve } from '../harness/golden/read-curve.js';
import { readEvalGolden } from '../harness/golden/read-eval-golden.js';
import { parseSafetensors } from '../harness/golden/safetensors.js';
import { parseResult } from '../harness/result/parse-result.js';
import { readKeptRecord } from '../pipeline/evaluate/kept-evaluation.js';

const twice = '{"format": "a",\n "format": "b"}';
const said = 'line 2: the key format is there twice, first in line 1';

t.test('no file of JSON may have a key twice', async (t) => {
  const folder = t.testdir();
  await writeFile(join(folder, 'evaluation.json'), twice);
  await writeEvalGolden(join(folder, 'golden'), 1);
  await writeFile(join(folder, 'golden', 'golden.json'), twice);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(twice.length));
  const readers: readonly (readonly [string, () => unknown])[] = [
    ['a bundle', () => parseCaseFile(twice, 'x')],
    ['a curve', () => parseCurve(twice, 'x')],
    ['a result', () => parseResult(twice, 'x')],
    ['weights', () => parseSafetensors(Buffer.concat([length, Buffer.from(twice)]), 'x')],
    ['an eval golden', () => readEvalGolden(join(folder, 'golden'))],
    ['what an evaluation kept', () => readKeptRecord(folder)],
  ];
  for (const [what, read] of readers) {
    const error = await Promise.resolve()
      .then(read)
      .catch((thrown: unknown) => thrown);
    t.match(error, { name: 'UserError', message: new RegExp(`^Cannot read .*${said}; [^\\n]+ is wanted`) }, what);
  }
});

t.test('nor may a file of YAML that is tipcheck’s own, of which JSON is a part', async (t) => {
  for (const read of [() => parseWaivers(twice, 'x'), () => parseSuite(twice, 'x/y.yaml')])
    t.throws(read, { name: 'UserError', message: /:2: the key format is there twice; YAML is wanted$/ });
});
