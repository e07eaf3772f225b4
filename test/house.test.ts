import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import t from 'tap';
import { packageRoot } from '../harness/support/package-root.js';

interface Found {
  readonly name: string;
  readonly lines: number;
}

interface Counter {
  listFiles(root: string): readonly { readonly path: string; readonly text: string }[];
  count(files: ReturnType<Counter['listFiles']>): {
    readonly cliLines: number;
    readonly longFiles: readonly Found[];
    readonly longFunctions: readonly Found[];
    readonly wideComments: readonly Found[];
  };
}

/** Tables of functions: operators, builders, readers; and the page's script, which is sent as its own text. */
const longFunctions = [
  'harness/reporters/page/enhance.ts: enhance',
  'harness/reporters/page/enhance.ts: makeTable',
  'pipeline/yml/yaml11.ts: nodeReader',
  'ports/ort/gradients/emitter.ts: newEmitter',
  'ports/ort/graph/builder.ts: newBuilder',
  'ports/tfjs-shared/fused/evaluate.ts: createEvaluator',
  'ports/tfjs-shared/fused/fused-operators.ts: fusedOperators',
  'ports/tfjs/training/training-operators.ts: trainingOperators',
  'tipc/text/positions.ts: positionReader',
];

/** One file, for a user takes it along. */
const longFiles = ['templates/python/tipcheck_port.py'];

if (!existsSync(join(packageRoot, '.git'))) t.comment('not run: this folder is not a git checkout');
else {
  const { count, listFiles }: Counter = await import(pathToFileURL(join(packageRoot, 'scripts', 'count.mjs')).href);
  const counted = count(listFiles(packageRoot));
  const names = (found: readonly Found[]) => found.map(({ name }) => name).sort();

  t.test('files are short, and functions but for those that are named', async (t) => {
    t.strictSame(names(counted.longFiles), longFiles);
    t.strictSame(names(counted.longFunctions), longFunctions);
  });

  t.test('comments have at most 120 columns', async (t) => t.strictSame(names(counted.wideComments), []));

  t.test('commands have at most 2,000 lines in all', async (t) =>
    t.ok(counted.cliLines <= 2000, `${counted.cliLines} lines`),
  );
}
