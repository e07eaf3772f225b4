import type { Float32NdArray } from '../../harness/contract/nd-array.js';
import type { ModelSection } from '../../harness/contract/port.js';
import { UserError } from '../../harness/support/errors.js';
import { findModel } from '../../models/registry.js';
import type { Naming } from '../../onnx/match-weights.js';

/**
 * What other codes call a bundle's weights: those of which the model has a table (`tipcheck convert`), and PyTorch's
 * names of a norm's statistics.
 */
export async function listNamings(
  section: ModelSection,
  weights: ReadonlyMap<string, Float32NdArray>,
): Promise<readonly Naming[]> {
  const statistics = new Map(
    [...weights.keys()].map((name) => [
      name,
      name.replace(/(^|\.)_mean$/, '$1running_mean').replace(/(^|\.)_variance$/, '$1running_var'),
    ]),
  );
  return [...(await listTables(section)), { title: 'PyTorch', names: statistics }];
}

async function listTables(section: ModelSection): Promise<readonly Naming[]> {
  try {
    const definition = await findModel(section);
    const codes = definition.foreign?.(definition.parse(section)) ?? [];
    return codes.map(({ title, tensors }) => ({
      title,
      names: new Map([...tensors].map(([ours, { name }]) => [ours, name])),
    }));
  } catch (error) {
    // A bundle's model need not be one of ours: the file is the model.
    if (error instanceof UserError) return [];
    throw error;
  }
}
