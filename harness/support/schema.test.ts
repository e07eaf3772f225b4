import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { packageRoot } from './package-root.js';
import { compileSchema, describeSchemaFault } from './schema.js';

t.test('each schema of the package follows its own dialect, since nothing looks when it is used', async (t) => {
  const folders = ['harness', 'models'];
  const files = folders.flatMap((folder) =>
    readdirSync(join(packageRoot, folder), { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)),
  );
  const schemas = files.filter((file) => file.endsWith('.schema.json'));
  t.ok(schemas.length > 12, `${schemas.length} schemas are looked at`);
  for (const file of schemas)
    t.equal(describeSchemaFault(JSON.parse(readFileSync(join(packageRoot, file), 'utf8'))), null, file);
});

t.test('a schema that breaks its dialect is told, and one with an unknown keyword is refused', async (t) => {
  const wrong = { $id: 'urn:tipcheck:wrong', type: 'text' };
  t.match(describeSchemaFault(wrong), /^data\/type must be equal to one of the allowed values/);
  t.throws(() => compileSchema({ ...wrong, type: 'object', exotic: 1 } as never).findFault({}), /unknown keyword/);
});
