import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { tell, tellLines } from '../../harness/support/console.js';
import { EnvironmentError, UserError } from '../../harness/support/errors.js';
import { packageRoot } from '../../harness/support/package-root.js';
import { runProgram } from '../../harness/support/run-program.js';
import { describeSpawnError, mpiInstall } from '../ranks/find-mpi.js';
import { gpusVariable } from './rank-environment.js';

/**
 * Starts ranks of one command and waits for them. The first that fails ends the others.
 * @param gpus of each rank; null: whatever the ranks find
 * @returns the exit code
 */
export async function launchRanks(
  command: readonly string[],
  nproc: number,
  gpus: readonly string[] | null,
): Promise<number> {
  if (gpus !== null && gpus.length !== nproc)
    throw new UserError(
      `Cannot launch ${nproc} ranks on GPUs ${gpus.join(',')}: there are ${gpus.length}; one for each rank is wanted`,
    );
  const program = [process.execPath, join(packageRoot, 'cli', 'tipcheck.mjs'), ...command, ...deviceFor(gpus, command)];
  const args = [...mpirunOptions(nproc), ...program];
  const environment = { ...(gpus === null ? {} : { [gpusVariable]: gpus.join(',') }), TIPCHECK_SKIP_ENSURE: '1' };
  let tail: ReturnType<typeof relayErrors> | null = null;
  const { exitCode, code, signal } = await runProgram('mpirun', args, {
    ...{ stdin: 'ignore', stdout: 'inherit', stderr: 'pipe', buffer: false },
    env: environment,
    onStart({ stderr }) {
      if (stderr !== null && stderr !== undefined) tail = relayErrors(stderr);
    },
  });
  // Without a code mpirun ran, whatever became of it.
  if (code !== undefined && code !== null)
    throw new EnvironmentError(
      `Cannot launch ranks: ${describeSpawnError(code)}; Open MPI is wanted. Fix: ${mpiInstall}`,
    );
  const said = (tail as ReturnType<typeof relayErrors> | null)?.() ?? { killed: null, reason: null, last: null };
  if (said.killed !== null) tell(`Cannot go on: ${said.killed}; the other ranks were ended`);
  // mpirun's own account of a job that ended early comes last; why it did is above it.
  if (said.killed === null && said.reason !== null && said.reason !== said.last) tell(said.reason);
  return signal === null ? (exitCode ?? 3) : 3;
}

/** Who names GPUs wants them: without one, ranks end with exit code 3 and not on the processor. */
function deviceFor(gpus: readonly string[] | null, command: readonly string[]): readonly string[] {
  const chosen = command.some((argument) => argument === '--device' || argument.startsWith('--device='));
  return gpus === null || chosen ? [] : ['--device', 'gpu'];
}

/** Of mpirun, before the program that each rank runs. */
export function mpirunOptions(nproc: number): readonly string[] {
  const isRoot = process.getuid?.() === 0;
  return [
    ...['-n', String(nproc)],
    // Ranks of one machine share its cores; each is told how many threads it has.
    ...['--bind-to', 'none'],
    // Ranks wait by themselves (pipeline/ranks/mpi.ts); once they have met, what yields its core gets it back late.
    ...['--mca', 'mpi_yield_when_idle', '0'],
    // Open MPI counts cores and not their hardware threads, and would start no more ranks than that.
    ...['--map-by', 'slot:OVERSUBSCRIBE'],
    ...(isRoot ? ['--allow-run-as-root'] : []),
  ];
}

interface Relayed {
  /** Which rank a signal ended. */
  readonly killed: string | null;
  /** The first sentence of a rank that says why it ends. */
  readonly reason: string | null;
  /** The last line that was shown. */
  readonly last: string | null;
}

/** What mpirun itself says of a rank that died, which is many lines, becomes one; every other line is shown once. */
function relayErrors(stderr: Readable): () => Relayed {
  const shown = new Set<string>();
  let killed: string | null = null;
  let rest = '';
  let reason: string | null = null;
  let last: string | null = null;
  const take = (line: string) => {
    const dead = /process rank (\d+) .*exited on signal (\d+)/.exec(line) ?? null;
    if (dead !== null) killed = `rank ${dead[1]} was ended by signal ${dead[2]}`;
    if (line.trim() === '' || boilerplate.test(line) || dead !== null || shown.has(line)) return;
    shown.add(line);
    if (line.startsWith('Cannot ')) reason ??= line;
    last = line;
    tellLines(line);
  };
  stderr.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop()!;
    for (const line of lines) take(line);
  });
  return () => {
    if (rest !== '') take(rest);
    return { killed, reason, last };
  };
}

/** Lines of Open MPI 4's reports on a job that ended early. */
const boilerplate =
  /^-{20,}$|^(Primary job +terminated normally|a non-zero exit code\. Per user-direction|mpirun detected that one or more processes|the job to be terminated|thus causing|mpirun noticed that process rank|\s*Process name: \[|\s*Exit code: +\d)/;
