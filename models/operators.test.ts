import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import ts from 'typescript';
import { packageRoot } from '../harness/support/package-root.js';
import { float64Operators, operatorFiles } from './float64-operators-for-tests.js';
import { shapeOperators } from './shape-operators.js';

const path = join(packageRoot, 'models/operators.ts');
const operators = join(packageRoot, 'models/operators');
const files = readdirSync(operators, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
const program = ts.createProgram([path, ...files.map((file) => join(operators, file))], {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext,
  types: [],
});

t.test('every operator of the types has a file with its shapes, its definition and cases', async (t) => {
  const none = new Map();
  const { ops: shapes } = shapeOperators(none, none, 'train');
  const definitions = float64Operators(none, 'train');
  const always = listMembers('Operators').filter((name) => name !== 'training');
  const training = listMembers('TrainingOperators');
  t.ok(always.length > 20 && training.length > 1, 'the types are read');
  t.same(Object.keys(shapes).sort(), [...always, 'training'].sort());
  t.same(Object.keys(definitions).sort(), [...always, 'training'].sort());
  t.same(Object.keys(shapes.training ?? {}).sort(), training);
  t.same(Object.keys(definitions.training ?? {}).sort(), training);
  for (const [operator, { cases }] of [...operatorFiles.always, ...operatorFiles.training]) {
    t.ok(cases.length > 0, `${operator} has a case`);
  }
});

t.test('an operator refuses shapes that do not fit', async (t) => {
  const given = new Map([
    ['c.weight', [3, 2, 1, 1]],
    ['n.weight', [5]],
  ]);
  const { ops } = shapeOperators(given, new Map([['d', [1, 2]]]), 'train');
  const map = [2, 4, 5, 6];
  const conv = { stride: [1, 1], padding: [0, 0], groups: 1, bias: false } as const;
  const refused: readonly [run: () => unknown, message: string][] = [
    [() => ops.conv2d(map, 'c', conv), 'c takes 2 channels; 4 are given'],
    [() => ops.conv2d(map, 'c', { ...conv, groups: 3 }), 'c: 4 channels do not make 3 groups'],
    [() => ops.layerNorm(map, 'n', { epsilon: 1e-5 }), 'n.weight is [5]; [4] is wanted'],
    [() => ops.scaleChannels(map, 's'), 's is read and not declared'],
    [() => ops.add(map, [4]), 'the second operand is [4]; [2, 4, 5, 6] is wanted'],
    [() => ops.concatChannels([map, [2, 4, 5, 7]]), 'what is joined is [2, 5, 7]; [2, 5, 6] is wanted'],
    [() => ops.toTokens([2, 4, 5], 2), '[2, 4, 5] is not a feature map'],
    [() => ops.fromTokens([4, 30, 3], map, 2), 'the tokens is [4, 30, 3]; [4, 30, 2] is wanted'],
    [() => ops.matMul([2, 3, 5], [2, 4, 5]), 'the right factor is [2, 4, 5]; [2, 5, 5] is wanted'],
    [() => ops.training?.dropPath(map, 'd', { rate: 0.25, call: 1 }), 'd is [1, 2]; [2, 2] is wanted'],
  ];
  for (const [run, message] of refused) t.throws(run, { message });
});

/** Names of the members of an interface of operators.ts, sorted. */
function listMembers(type: string): string[] {
  const checker = program.getTypeChecker();
  const symbols = checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(path)!)!);
  const symbol = symbols.find(({ name }) => name === type);
  if (symbol === undefined) throw new Error(`${path} exports no ${type}`);
  return checker
    .getDeclaredTypeOfSymbol(symbol)
    .getProperties()
    .map(({ name }) => name)
    .sort();
}
