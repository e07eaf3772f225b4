import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseJson } from '../../harness/support/parse-json.js';
import { openScratch } from '../../harness/support/scratch.js';
import type { OnnxRuntime, OrtTensor, SessionOptions } from './engine.js';

/** Of ONNX Runtime's profile, what is read of it: a node that ran. */
export interface ProfileEvent {
  readonly cat?: string;
  readonly args?: {
    readonly op_name?: string;
    readonly provider?: string;
    /** Of each output, its shape by its type. */
    readonly output_type_shape?: readonly Readonly<Record<string, readonly number[]>>[];
  };
}

/** Runs a graph once and gives ONNX Runtime's own profile of it. A session does not tell where its nodes run. */
export async function profileRun(
  ort: OnnxRuntime,
  options: SessionOptions,
  graph: Uint8Array,
  feeds: Readonly<Record<string, OrtTensor>>,
): Promise<ProfileEvent[]> {
  const scratch = await openScratch();
  const { folder } = scratch;
  try {
    const session = await ort.InferenceSession.create(graph, {
      ...options,
      // A profile gives all threads that had nothing to do one name: with several it may hold a key twice.
      intraOpNumThreads: 1,
      enableProfiling: true,
      profileFilePrefix: join(folder, 'profile'),
    });
    await session.run(feeds);
    session.endProfiling();
    await session.release();
    const files = (await readdir(folder)).map((file) => readFile(join(folder, file), 'utf8'));
    return (await Promise.all(files)).flatMap((text) => parseJson(text) as ProfileEvent[]);
  } finally {
    await scratch.close();
  }
}
