import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EngineDevice } from '../../harness/setup/engines.js';
import { runProgram } from '../../harness/support/run-program.js';
import { openScratch } from '../../harness/support/scratch.js';
import type { SessionOptions } from './engine.js';
import type { Level } from './optimisation.js';
import type { Runtime } from './session.js';

/** How a graph is optimised. */
export interface Choice {
  readonly level: Level;
  /** Names of transformers and rules that are left out. One that ONNX Runtime does not know changes nothing. */
  readonly off: readonly string[];
}

/** What the program of print-passes.ts reads. */
export interface Asked extends Choice {
  readonly path: string;
  readonly device: EngineDevice;
}

export function optionsOf(off: Choice['off']): Pick<SessionOptions, 'extra'> {
  return off.length === 0 ? {} : { extra: { optimization: { disable_specified_optimizers: off.join(';') } } };
}

/**
 * The transformers that change a graph, in the order in which they first do. ONNX Runtime says so in its log alone,
 * which it writes past Node: a program of its own opens the graph. Where it refuses the graph, those until then.
 */
export async function listPasses(
  { report: { device } }: Runtime,
  graph: Uint8Array,
  choice: Choice,
): Promise<readonly string[]> {
  const scratch = await openScratch();
  try {
    const path = join(scratch.folder, 'graph.onnx');
    await writeFile(path, graph);
    const asked = join(scratch.folder, 'asked.json');
    await writeFile(asked, JSON.stringify({ path, device, ...choice } satisfies Asked));
    const program = join(import.meta.dirname, 'print-passes.js');
    const { stderr } = await runProgram(process.execPath, [program], { stdin: { file: asked } });
    return [...new Set([...stderr.matchAll(/GraphTransformer (\S+) modified: 1 /g)].map(([, name]) => name!))];
  } finally {
    await scratch.close();
  }
}
