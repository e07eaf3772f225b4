import { EnvironmentError, messageOf } from '../../harness/support/errors.js';
import { type Koffi, loadKoffi } from '../../harness/support/load-koffi.js';

/** Open MPI, in this process. */
export interface Mpi {
  readonly rank: number;
  readonly size: number;
  /** MPI_Allreduce with MPI_SUM, in place. Open MPI gives the same bits on every rank. */
  sum(values: Float32Array | Float64Array, type: 'float' | 'double'): void;
  close(): void;
}

/** Open MPI's MPI_IN_PLACE, an address that is none: what is received stands where it was sent from. */
const inPlace = 1n;

/**
 * How long a rank looks for the others without a break: ranks that train are seldom further apart than a few
 * milliseconds.
 */
const awakeMs = 2;
const napMs = 0.1;
const bed = new Int32Array(new SharedArrayBuffer(4));

/** Leaves the core to whoever has work: engines and loaders have threads of their own. */
function nap(): void {
  Atomics.wait(bed, 0, 0, napMs);
}

/** The library of Open MPI 4 and 5; `libmpi.so` is there with its headers alone. */
const libraries = ['libmpi.so.40', 'libmpi.so', 'libmpi.dylib'];

/**
 * Loads Open MPI by koffi and starts it. Its handles are addresses of symbols (`ompi_mpi_comm_world`), which other MPIs
 * do not have.
 * @throws EnvironmentError that says what to install
 */
export async function openMpi(): Promise<Mpi> {
  const library = await loadMpiLibrary();
  const symbol = (name: string): unknown => {
    try {
      return library.symbol(name, 'int');
    } catch (error) {
      throw new EnvironmentError(
        `Cannot use this MPI: it has no ${name} (${messageOf(error)}); Open MPI 4 or 5 is wanted. Fix: apt-get install openmpi-bin`,
      );
    }
  };
  const world = symbol('ompi_mpi_comm_world');
  const types = { float: symbol('ompi_mpi_float'), double: symbol('ompi_mpi_double') };
  const add = symbol('ompi_mpi_op_sum');
  const call = (name: string, signature: string) => {
    const run = library.func(signature);
    return (...args: unknown[]) => {
      const code: number = run(...args);
      if (code !== 0) throw new EnvironmentError(`Cannot talk to the other ranks: ${name} ended with the code ${code}`);
    };
  };
  const initialise = call('MPI_Init', 'int MPI_Init(void *argc, void *argv)');
  const commRank = call('MPI_Comm_rank', 'int MPI_Comm_rank(void *comm, _Out_ int *rank)');
  const commSize = call('MPI_Comm_size', 'int MPI_Comm_size(void *comm, _Out_ int *size)');
  const allreduce = call(
    'MPI_Allreduce',
    'int MPI_Allreduce(const void *send, void *receive, int count, void *type, void *op, void *comm)',
  );
  const barrier = call('MPI_Ibarrier', 'int MPI_Ibarrier(void *comm, void *request)');
  const test = call('MPI_Test', 'int MPI_Test(void *request, void *flag, void *status)');
  const finalise = call('MPI_Finalize', 'int MPI_Finalize()');
  initialise(null, null);
  const rank = [0];
  const size = [0];
  commRank(world, rank);
  commSize(world, size);
  const request = new BigUint64Array(1);
  const done = new Int32Array(1);
  /**
   * Returns once all ranks have called it. MPI's own waiting would keep the core, or leave it after each look and get
   * it back late.
   */
  const meet = () => {
    barrier(world, request);
    const since = performance.now();
    for (done[0] = 0; done[0] === 0; test(request, done, null)) {
      if (performance.now() - since > awakeMs) nap();
    }
  };
  return {
    rank: rank[0]!,
    size: size[0]!,
    sum(values, type) {
      meet();
      allreduce(inPlace, values, values.length, types[type], add, world);
    },
    close: () => finalise(),
  };
}

/** @throws EnvironmentError that says what to install */
export async function loadMpiLibrary(): Promise<ReturnType<Koffi['load']>> {
  const koffi = await loadKoffi('start several ranks');
  const faults: string[] = [];
  for (const name of libraries) {
    try {
      // Its own plug-ins look for its symbols among the global ones.
      return koffi.load(name, { global: true });
    } catch (error) {
      faults.push(messageOf(error).split('\n')[0]!);
    }
  }
  throw new EnvironmentError(
    `Cannot start several ranks: Open MPI does not load (${faults[0]}); its library is wanted. Fix: apt-get install openmpi-bin`,
  );
}
