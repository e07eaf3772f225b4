import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { packageRoot } from '../harness/support/package-root.js';

/** Folders whose sources read what users, ports and earlier runs wrote. */
const rooms = ['bugs', 'cli', 'harness', 'models', 'onnx', 'pipeline', 'ports', 'tipc', 'training'];

/** Ours alone: a schema of the package, and a value that was rendered a line before. */
const isOwnText = (line: string) =>
  /JSON\.parse\((readPackageText\(|JSON\.stringify\(|renderJson\(|quoted\))/.test(line);

t.test('all JSON is read by parseJson, which refuses a key that is there twice', async (t) => {
  const loose: string[] = [];
  for (const room of rooms)
    for (const path of await readdir(join(packageRoot, room), { recursive: true })) {
      if (!/\.ts$/.test(path) || /(\.test|-for-tests)\.ts$/.test(path) || path.endsWith('parse-json.ts')) continue;
      const lines = readFileSync(join(packageRoot, room, path), 'utf8').split('\n');
      for (const [at, line] of lines.entries())
        if (line.includes('JSON.parse(') && !isOwnText(line)) loose.push(`${room}/${path}:${at + 1}`);
    }
  t.strictSame(loose, []);
});
