import { EnvironmentError, messageOf, UserError } from '../../harness/support/errors.js';

/**
 * What the engine refuses of a user's file, as a sentence about the file: its own text speaks of its sources. What the
 * machine lacks (memory, a GPU) stays an EnvironmentError.
 * @param engine name and version
 * @param doing what was done, for what no pattern explains
 */
export function explainRefusal(thrown: unknown, path: string, engine: string, doing: string): unknown {
  if (!(thrown instanceof EnvironmentError) || thrown.cause === undefined) return thrown;
  const text = messageOf(thrown.cause);
  for (const { pattern, explain } of patterns) {
    const found = pattern.exec(text);
    if (found !== null) return new UserError(`Cannot run ${path}: ${explain(engine, found)}`);
  }
  if (lack.test(text.replace(named, ''))) return thrown;
  const [, quoted, bracketed] = /Name: ?'([^']*)'|node[: ]*\(([^)\s]+)\)/i.exec(text) ?? [];
  const node = quoted ?? bracketed ?? null;
  const [, operator = null] = /while running (\w+) node/.exec(text) ?? [];
  const place = node === null ? '' : ` at its node ${node}${operator === null ? '' : ` (${operator})`}`;
  return new UserError(
    `Cannot run ${path}: ${engine} refuses it ${doing}${place}; a model that it runs is wanted. Fix: python -c "import onnx; onnx.checker.check_model('${path}', full_check=True)" says what is wrong with it`,
  );
}

/** What may be a name of the file's, and says nothing of the machine. */
const named = /'[^']*'|"[^"]*"|\([^)]*\)|\[[^\]]*\]|running \w+ node/g;

/** Of the machine, not of the file. */
const lack = /bad_alloc|allocate|out of memory|\bCUDA|cuDNN|cuBLAS/i;

const patterns: readonly {
  readonly pattern: RegExp;
  readonly explain: (engine: string, found: RegExpExecArray) => string;
}[] = [
  {
    pattern: /Unsupported model IR version: (\d+), max supported IR version: (\d+)/,
    explain: (engine, [, is, wanted]) =>
      `its IR version is ${is}, and ${engine} reads up to ${wanted}; an older one is wanted. Fix: model.ir_version = ${wanted} and onnx.save in Python, or an export by an older onnx`,
  },
  {
    pattern: /Missing model IR version/,
    explain: () => 'it says no IR version, as no whole ONNX model does; an ONNX model is wanted',
  },
  {
    pattern: /Opset (\d+) is under development[\s\S]*?till opset (\d+)/,
    explain: (engine, [, is, wanted]) =>
      `its opset is ${is}, and ${engine} knows up to ${wanted}; an older one is wanted. Fix: opset_version=${wanted} of torch.onnx.export, or onnx.version_converter`,
  },
  {
    pattern: /Missing opset in the model/,
    explain: () => 'it says no opset, as no whole ONNX model does; an ONNX model is wanted',
  },
  {
    pattern: /No Op registered for (\S+) with domain_version of (\d+)/,
    explain: (engine, [, operator, opset]) =>
      `it uses the operator ${operator}, which ${engine} does not have in opset ${opset}; operators of ONNX are wanted. Fix: an export without it`,
  },
  {
    pattern: /No opset import for domain '?([^'\s]*)/,
    explain: (engine, [, domain]) =>
      `it uses operators of ${domain}, which ${engine} does not have; operators of ONNX are wanted. Fix: an export without them`,
  },
  {
    pattern: /Could not find an implementation for (\w+)\(\d+\) node with name '([^']*)'/,
    explain: (engine, [, operator, node]) =>
      `${engine} has no ${operator} for the types at its node ${node}; float32 or float16 is wanted. Fix: an export in float32`,
  },
];
