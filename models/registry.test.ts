import t from 'tap';
import { UserError } from '../harness/support/errors.js';
import { findModel, readModels, readReleased } from './registry.js';

t.test('a model is found by the type of its section', async (t) => {
  for (const [type, definition] of await readModels()) t.equal(await findModel({ type }), definition, type);
  t.same((await findModel({ type: 'SegNeXt' })).types, ['SegNeXt']);
});

t.test('an unknown type is refused with the nearest', async (t) => {
  const types = [...(await readModels()).keys()].join(', ');
  await t.rejects(
    findModel({ type: 'SegNext2' }),
    new UserError(
      `Cannot find the model SegNext2: no folder under models/ defines it; the types are ${types}. Did you mean SegNeXt?`,
    ),
  );
});

t.test('a section without a type is refused', async (t) => {
  const types = [...(await readModels()).keys()].join(', ');
  await t.rejects(
    findModel({}),
    new UserError(`Cannot find the model: its section has no type; one of ${types} is wanted`),
  );
});

t.test('released weights of each folder are listed, each name once', async (t) => {
  const names = (await readReleased()).map(({ name }) => name);
  t.ok(names.length > 0);
  t.equal(new Set(names).size, names.length, names.join(', '));
});
