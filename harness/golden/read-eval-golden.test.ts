import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { UserError } from '../support/errors.js';
import { writeEvalGolden } from './eval-golden-for-tests.js';
import { listShippedEvalGoldens, readEvalGolden } from './read-eval-golden.js';

t.test('an eval golden is read with its arrays', async (t) => {
  const folder = join(t.testdir(), 'golden');
  await writeEvalGolden(folder, 2);
  const golden = await readEvalGolden(folder);
  t.equal(golden.id, 'test-golden');
  t.equal(golden.weightsPath, join(folder, 'model.pdparams'));
  t.equal(golden.datasetRoot, join(folder, '../data'));
  t.equal(golden.modes[0]!.images.length, 2);
  const [image] = golden.modes[0]!.images;
  t.equal(image!.labels.length, 24);
  t.ok(image!.close.length > 0 && image!.close.length === image!.margins.length);
  t.ok(image!.margins.every((margin) => margin < image!.closeBelow));
});

t.test('bases may be missing, where the network draws nothing', async (t) => {
  const folder = t.testdir();
  await writeEvalGolden(folder, 1);
  t.strictSame((await readEvalGolden(folder)).bases, { seed: 5, name: 'bases' });
  await writeEvalGolden(folder, 1, (file) => Object.assign(file, { bases: undefined }));
  t.equal((await readEvalGolden(folder)).bases, null);
});

const faults: Readonly<Record<string, readonly [(file: Record<string, never>) => void, RegExp]>> = {
  'an unknown key': [(file) => Object.assign(file, { extra: 1 }), /must NOT have additional properties \(extra\)/],
  'another number of classes': [
    (file) => Object.assign(file, { classes: 4 }),
    /class_names has 3 entries; 4 are wanted/,
  ],
  'a mode twice': [
    (file) => Object.assign(file, { modes: [...file.modes!, ...file.modes!] }),
    /modes has single twice; each once is wanted/,
  ],
  'an image that no mode has': [
    (file) => Object.assign(file, { images: [...file.images!, file.images![0]] }),
    /mode single has 1 images; 2 are wanted/,
  ],
  'an array that leaves the folder': [(file) => Object.assign(file, { arrays: '../golden.npz' }), /leaves the folder/],
  'another size of an image': [
    (file) => Object.assign(file, { images: [{ name: 'a.png', height: 5, width: 6 }] }),
    /shape is \[4, 6\]; \[5, 6\] is wanted/,
  ],
};

for (const [what, [change, message]] of Object.entries(faults)) {
  t.test(`${what} is refused`, async (t) => {
    const folder = t.testdir();
    await writeEvalGolden(folder, 1, (file) => change(file as Record<string, never>));
    await t.rejects(readEvalGolden(folder), { constructor: UserError, message });
  });
}

t.test('a file that was changed is refused', async (t) => {
  const folder = t.testdir();
  await writeEvalGolden(folder, 1);
  await writeFile(join(folder, 'model.pdparams'), 'other weights');
  await t.rejects(readEvalGolden(folder), /model\.pdparams: its sha256 is .*; .* is wanted/);
});

t.test('a name that is not a shipped golden is refused with what there is', async (t) => {
  await t.rejects(readEvalGolden('nowhere'), /Cannot find the eval golden nowhere: there is no such folder/);
});

t.test('every shipped eval golden can be read', async (t) => {
  for (const name of listShippedEvalGoldens()) {
    const golden = await readEvalGolden(name);
    t.ok(golden.images.length >= 8, `${name} has ${golden.images.length} images`);
  }
});
