import { existsSync } from 'node:fs';
import { cpus } from 'node:os';
import { resolvePort } from '../../../harness/hosts/resolve-port.js';
import { cannotHere, EnvironmentError, UserError } from '../../../harness/support/errors.js';
import { JsonError, parseJson } from '../../../harness/support/parse-json.js';
import { runProgram } from '../../../harness/support/run-program.js';
import { suggest } from '../../../harness/support/suggest.js';
import type { TipcPlan } from '../../plan/plan.js';
import type { Hardware } from '../../steps/choose-device.js';
import { paddleSegPort } from '../../steps/runner-names.js';
import { shellWords } from '../../text/shell-words.js';

/** @throws UserError for what is not a port of TIPC's modes */
export function validateTipcPort(port: string): void {
  if (port === paddleSegPort) return;
  const near = existsSync(port) ? '' : suggest(port, [paddleSegPort]);
  if (near !== '') throw new UserError(`Cannot use port ${port}: it is not a port; ${paddleSegPort} is wanted.${near}`);
  resolvePort(port);
}

/** What a command line needs to know of it. */
export interface PaddleSegPlace {
  /** The interpreter, and words that stand before the script. */
  readonly python: readonly string[];
  /** Said of every step; empty: nothing. */
  readonly notes: readonly string[];
  readonly hasScript: (script: string) => boolean;
}

/** A PaddleSeg that was seen to load, and the hardware that its Paddle can use. */
export interface PaddleSeg extends PaddleSegPlace {
  readonly versions: { readonly python: string; readonly paddle: string; readonly paddleseg: string };
  readonly hardware: Hardware;
  /** Whether its Paddle may compute in TF32, by the environment that its Python has. */
  readonly tf32: boolean;
}

/** Where commands are explained and nothing runs. */
export function placeForExplaining(python: string): PaddleSegPlace {
  return { python: shellWords(python), notes: [], hasScript: () => true };
}

/**
 * Loads paddle and paddleseg once in the Python that is to run the steps, in this folder.
 * @param named the interpreter as the text file has it
 * @param asked `--python`; null: as the file says
 * @throws EnvironmentError where there is no such Python, where it cannot load them, or where this folder is not a
 *   checkout
 */
export async function findPaddleSeg(plan: TipcPlan, named: string, asked: string | null): Promise<PaddleSeg> {
  const scripts = [...new Set(plan.steps.map(({ script }) => script))];
  if (!scripts.some((script) => existsSync(script)))
    throw new EnvironmentError(
      `Cannot run the port ${paddleSegPort}: this folder has no ${scripts[0]}; a checkout of PaddleSeg is wanted. Fix: git clone https://github.com/PaddlePaddle/PaddleSeg, and start there`,
    );
  const python = shellWords(asked ?? named);
  const notes = asked === null || asked === named ? [] : [`run by ${asked}, where the file has ${named} (--python)`];
  const { gpus, tf32, ...versions } = await probe(python);
  const evidence =
    gpus === 0 ? `PaddlePaddle ${versions.paddle} of ${python.join(' ')} finds none` : `PaddlePaddle finds ${gpus}`;
  // Paddle starts ranks by itself.
  const hardware = { gpus, evidence, cores: cpus().length, mpi: null };
  return { python, notes, versions, hardware, tf32, hasScript: existsSync };
}

interface Probe {
  readonly python: string;
  readonly paddle: string;
  readonly paddleseg: string;
  /** That Paddle can use. */
  readonly gpus: number;
  readonly tf32: boolean;
}

/** A script in tools/ does not find what lies in the folder where it is started: neither must this. */
const probeScript = `
import sys
sys.path[:] = [path for path in sys.path if path]
import json, os, paddle, paddleseg
gpus = paddle.device.cuda.device_count() if paddle.is_compiled_with_cuda() else 0
found = {'python': sys.version.split()[0], 'paddle': paddle.__version__, 'paddleseg': paddleseg.__version__}
found.update(gpus=gpus, tf32=os.environ.get('NVIDIA_TF32_OVERRIDE') != '0')
print('\\n' + json.dumps(found))
`;

/** Loading Paddle takes seconds; on a disk that is slow, a minute. */
const probeMs = 300_000;

async function probe(python: readonly string[]): Promise<Probe> {
  const [command = '', ...words] = python;
  const { code, exitCode, timedOut, stdout, stderr, signal } = await runProgram(
    command,
    [...words, '-c', probeScript],
    { stdin: 'ignore', timeoutMs: probeMs },
  );
  const name = python.join(' ');
  const port = `the port ${paddleSegPort}`;
  if (exitCode === null && code !== null && !timedOut && signal === null)
    throw cannotHere(
      'run',
      port,
      `there is no program ${name === '' ? 'of an empty name' : name}${code === 'ENOENT' ? '' : ` that can be started (${code})`}`,
      'a Python with paddlepaddle and paddleseg is wanted',
      '--python <program>',
    );
  const last = (text: string) => text.trim().split('\n').at(-1)!.trim();
  if (exitCode !== 0)
    throw cannotHere(
      'run',
      port,
      `${name} cannot load paddle and paddleseg (${timedOut ? `not within ${probeMs / 1000} s` : last(stderr)})`,
      'a Python that can is wanted',
      `${name} -m pip install -e . in the checkout, or --python <program>`,
    );
  const found = parseProbe(last(stdout));
  if (found !== null) return found;
  throw cannotHere(
    'run',
    port,
    `${name} was asked for the versions of Paddle and PaddleSeg and said ${JSON.stringify(last(stdout).slice(0, 100))}`,
    'a Python with both is wanted',
    '--python <program>',
  );
}

/** Null for what no Python says. */
function parseProbe(text: string): Probe | null {
  try {
    const found: Partial<Probe> = Object(parseJson(text));
    const { python, paddle, paddleseg, gpus, tf32 } = found;
    const isWhole = [python, paddle, paddleseg].every((version) => typeof version === 'string');
    return isWhole && Number.isSafeInteger(gpus) && typeof tf32 === 'boolean' ? (found as Probe) : null;
  } catch (error) {
    if (error instanceof JsonError) return null;
    throw error;
  }
}
