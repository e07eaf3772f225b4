import type { ModelSection, TrainRequest } from '../harness/contract/port.js';

/** A request with each of the optimizer's groups of parameters changed. */
export function withGroups(change: (group: ModelSection) => ModelSection): (request: TrainRequest) => TrainRequest {
  return ({ optimizer, ...request }) => {
    const { custom_cfg } = optimizer as { readonly custom_cfg?: readonly ModelSection[] };
    return { ...request, optimizer: { ...optimizer, custom_cfg: custom_cfg?.map(change) } };
  };
}
