import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, UserError } from '../../harness/support/errors.js';
import { whyUnread } from '../../harness/support/explain-system.js';
import { recoverFolders, writeFolder } from './write-folder.js';

/** PaddleSeg's names: `iter_<n>/model.pdparams`, `iter_<n>/model.pdopt`, `best_model/model.pdparams`. */
const stepFolder = /^iter_(\d+)$/;

/** The checkpoints of a run in its `save_dir`. */
export interface Checkpoints {
  /** Writes `iter_<step>`, then removes the oldest of this run beyond `keepMax`. */
  saveStep(step: number, files: ReadonlyMap<string, Uint8Array>): Promise<string>;
  /** Writes `best_model` over the one before. */
  saveBest(files: ReadonlyMap<string, Uint8Array>): Promise<string>;
}

/**
 * Opens a folder for checkpoints; what a killed run left unfinished is put right.
 * @param keepMax checkpoints of this run that are kept beside the best; 0 keeps all
 * Source: save_models in paddleseg/core/train.py, 2.8.0, which removes those of its own run alone.
 * Differs: a checkpoint is whole or not there, whenever the process is killed.
 */
export async function openCheckpoints(saveDir: string, keepMax: number): Promise<Checkpoints> {
  await recoverFolders(saveDir);
  const own: string[] = [];
  return {
    async saveStep(step, files) {
      const path = await writeFolder(saveDir, `iter_${step}`, files);
      if (!own.includes(path)) own.push(path);
      while (keepMax > 0 && own.length > keepMax) await rm(own.shift()!, { recursive: true, force: true });
      return path;
    },
    saveBest: (files) => writeFolder(saveDir, 'best_model', files),
  };
}

/** Steps that `saveDir` has checkpoints of, ascending; none where there is no such folder. */
export async function listCheckpointSteps(saveDir: string): Promise<number[]> {
  try {
    const names = await readdir(saveDir);
    const steps = names.flatMap((name) => stepFolder.exec(name)?.[1] ?? []);
    return steps.map(Number).sort((a, b) => a - b);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw new UserError(
      `Cannot use the folder ${saveDir}: ${whyUnread(error, saveDir)}; a folder for checkpoints is wanted`,
    );
  }
}

/** The folder of a step's checkpoint. */
export function checkpointPath(saveDir: string, step: number): string {
  return join(saveDir, `iter_${step}`);
}
