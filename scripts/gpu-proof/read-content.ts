import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../harness/support/package-root.js';
import { parseJson } from '../../harness/support/parse-json.js';

/** What is proved: shipped bundles and goldens by name, and a mode of TIPC's text file. Null: not a part of it. */
export interface ProofContent {
  readonly infer: readonly string[];
  readonly train: readonly string[];
  readonly evaluation: string;
  readonly tf32: string | null;
  /** `iters` null: as many as the file says. */
  readonly tipc: { readonly file: string; readonly crop: string; readonly iters: number | null };
  readonly forward: {
    readonly bundle: string;
    readonly size: readonly [height: number, width: number];
    readonly batches: readonly number[];
  };
}

export function readContent(rehearsal: boolean): ProofContent {
  const text = readFileSync(join(packageRoot, 'configs', 'gpu-proof.json'), 'utf8');
  const content = parseJson(text) as Readonly<Record<'full' | 'rehearsal', ProofContent>>;
  return content[rehearsal ? 'rehearsal' : 'full'];
}
