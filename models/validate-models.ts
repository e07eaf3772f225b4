import type { Bundle } from '../harness/golden/bundle.js';
import { isForeignModel } from '../harness/golden/bundle-model.js';
import { messageOf, UserError } from '../harness/support/errors.js';
import { findModel } from './registry.js';

/** Throws a UserError that names bundle and key for a `model:` section that no model of this project knows. */
export async function validateModels(bundles: readonly Bundle[]): Promise<void> {
  for (const bundle of bundles) {
    const { folder, model } = bundle;
    // A run says of each that no built-in port has it: that is the port's lack, exit 3.
    if (isForeignModel(bundle)) continue;
    try {
      const definition = await findModel(model);
      definition.parse(model);
    } catch (error) {
      if (error instanceof UserError) throw new UserError(`${messageOf(error)} (in ${folder}/case.json)`);
      throw error;
    }
  }
}
