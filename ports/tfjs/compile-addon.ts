import { join } from 'node:path';
import { EnvironmentError } from '../../harness/support/errors.js';
import { runProgram } from '../../harness/support/run-program.js';

/** Headers that the addon includes, found with the compiler's -M: 5 MB of the wheel's 268. */
export const headerFolders = ['tensorflow/c/', 'tensorflow/core/platform/', 'tsl/platform/', 'xla/tsl/c/'];

export const tensorflowLibraries = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];

/**
 * Compiles the C++ sources of @tensorflow/tfjs-node-gpu into `folder`/tfjs_binding.node, linked with the TensorFlow
 * libraries that lie in the same folder and are found there when it is loaded.
 */
export async function compileAddon(
  compiler: string,
  folder: string,
  includeFolders: readonly string[],
  sourceFolder: string,
): Promise<void> {
  const args = ['-std=c++17', '-O2', '-fPIC', '-shared', '-w', '-DNAPI_VERSION=8'];
  args.push(...includeFolders.map((include) => `-I${include}`));
  args.push(...['tfjs_backend.cc', 'tfjs_binding.cc'].map((file) => join(sourceFolder, file)));
  args.push(`-L${folder}`, ...tensorflowLibraries.map((library) => `-l:${library}`), '-Wl,-rpath,$ORIGIN');
  args.push('-o', join(folder, 'tfjs_binding.node'));
  const { exitCode, stderr } = await runProgram(compiler, args, { stdin: 'ignore' });
  if (exitCode === 0) return;
  const reason = stderr.split('\n').find((line) => line.includes('error')) ?? stderr.trim();
  throw new EnvironmentError(`Cannot compile the addon of tfjs-node-gpu with ${compiler}: ${reason}`);
}
