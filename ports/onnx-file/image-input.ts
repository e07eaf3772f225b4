import { UserError } from '../../harness/support/errors.js';
import { dataTypes, type GraphProto, type ValueInfoProto } from '../ort/onnx/model-proto.js';
import { listFreeInputs } from './tensors.js';

/** The input for the image: `image` or `x`, else the only float32 input of four axes. Throws a UserError. */
export function findImageInput(graph: GraphProto, path: string): string {
  const inputs = listFreeInputs(graph);
  const named = inputs.find(({ name }) => name === 'image') ?? inputs.find(({ name }) => name === 'x');
  const candidates = named === undefined ? inputs.filter(isFeatureMap) : [named];
  if (candidates.length === 1) return candidates[0]!.name!;
  const names = inputs.map(({ name }) => name).join(', ');
  throw new UserError(
    `Cannot feed the image to ${path}: of its inputs (${names}) ${candidates.length} are float32 of four axes and none is called image or x; one such is wanted`,
  );
}

/** Throws a UserError for an input that nothing would feed. */
export function validateInputs(graph: GraphProto, fed: readonly string[], path: string): void {
  const unfed = listFreeInputs(graph).filter(({ name }) => !fed.includes(name ?? ''));
  if (unfed.length === 0) return;
  throw new UserError(
    `Cannot run ${path}: nothing is there for its input ${unfed[0]!.name}; inputs for the image and the bundle's draws (${fed.join(', ')}) alone are wanted`,
  );
}

function isFeatureMap({ type }: ValueInfoProto): boolean {
  return type?.tensorType?.elemType === dataTypes.float32 && type.tensorType.shape?.dim?.length === 4;
}
