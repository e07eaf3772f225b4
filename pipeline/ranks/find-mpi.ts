import { spawnSync } from 'node:child_process';
import { codeOf, messageOf } from '../../harness/support/errors.js';
import { loadMpiLibrary } from './mpi.js';

/** What installs Open MPI, as one types it. */
export const mpiInstall = process.platform === 'darwin' ? 'brew install open-mpi' : 'apt-get install openmpi-bin';

/** Why mpirun did not run, by the system's code. */
export function describeSpawnError(code: string | null, timeoutMs = versionMs): string {
  if (code === 'ENOENT') return 'there is no mpirun';
  if (code === 'ETIMEDOUT') return `mpirun does not answer within ${timeoutMs / 1000} s`;
  return `mpirun cannot be started (${code ?? 'no code'})`;
}

/** Starting takes milliseconds. */
const versionMs = 20_000;

/**
 * @param timeoutMs after which an mpirun does not answer
 * @returns the version of Open MPI where ranks can be started, else what is missing, a clause with the way out
 */
export async function findMpi(
  timeoutMs = versionMs,
): Promise<{ readonly version: string } | { readonly missing: string }> {
  const { status, stdout, error } = spawnSync('mpirun', ['--version'], {
    ...{ encoding: 'utf8', timeout: timeoutMs, killSignal: 'SIGKILL' },
  });
  if (error !== undefined)
    return { missing: `${describeSpawnError(codeOf(error), timeoutMs)}; Open MPI is wanted: ${mpiInstall}` };
  const [first = ''] = stdout.split('\n');
  if (status !== 0 || !first.includes('Open MPI'))
    return { missing: `mpirun is not Open MPI's (${first.trim() || `exit code ${status}`}): ${mpiInstall}` };
  try {
    await loadMpiLibrary();
  } catch (thrown) {
    return {
      missing: messageOf(thrown)
        .replace(/^Cannot start several ranks: /, '')
        .replace('. Fix: ', ': '),
    };
  }
  return { version: first.trim() };
}
