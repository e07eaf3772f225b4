import { join } from 'node:path';
import type { Bundle } from '../golden/bundle.js';
import { isForeignModel } from '../golden/bundle-model.js';
import { isOfUser, listPrefixed } from '../hosts/resolve-port.js';
import type { PortHost } from '../hosts/subprocess-host.js';
import { EnvironmentError } from '../support/errors.js';
import type { PlannedCase } from './plan.js';

/** Throws an EnvironmentError if a port cannot be asked for what a bundle holds: nothing is then said of the port. */
export function validateFit(host: PortHost, planned: PlannedCase): void {
  refuseForeignModel(planned);
  refuseUnshipped(planned);
  validatePhase(host, planned.bundle);
  validateInputs(host, planned);
}

/** A built-in port runs the models of this package. */
function refuseForeignModel({ port: { name, about }, bundle }: PlannedCase): void {
  const { id, folder, model } = bundle;
  if (about?.kind !== 'named' || !isForeignModel(bundle)) return;
  const fix = typeof model.file === 'string' ? `npx tipcheck judge ${join(folder, model.file)} ${folder}, or ` : '';
  throw new EnvironmentError(
    `Cannot run port ${name} on ${id}: its model is ${String(model.type)}, which no built-in port has; a port that has it is wanted. Fix: ${fix}${otherWays(folder)}`,
  );
}

/**
 * Our own ports know the output `logits` alone: asked for others, they would run the graph with probes again, and what
 * users run would not be judged. Nor are they told of layouts: they give maps, and vectors [b, c] as they are.
 */
function refuseUnshipped({ port, bundle }: PlannedCase): void {
  if (isOfUser(port)) return;
  const other = bundle.outputs.find((output) => output !== 'logits');
  const raw = bundle.probes.find((probe) => probe.raw && probe.shape.length !== 2);
  if (other === undefined && raw === undefined) return;
  const has =
    other === undefined ? `the probe ${raw!.name} of layout raw, [${raw!.shape.join(', ')}]` : `the output ${other}`;
  throw new EnvironmentError(
    `Cannot run port ${port.name} on ${bundle.id}: it has ${has}, and this port gives logits, maps and vectors alone; a module or a program is wanted. Fix: ${otherWays(bundle.folder)}`,
  );
}

/** Ports of the user's own. */
function otherWays(folder: string): string {
  return listPrefixed()
    .map((form) => `npx tipcheck judge "${form}" ${folder}`)
    .join(' or ');
}

function validatePhase({ name, started: { capabilities } }: PortHost, { id, phase }: Bundle): void {
  if (capabilities.includes(phase)) return;
  throw new EnvironmentError(
    `Cannot run port ${name} on ${id}: its phase is ${phase} and the port has ${capabilities.join(', ')}; a port with ${phase} is wanted`,
  );
}

/** A port that reads the image alone would be judged on a part of what the reference was given. */
function validateInputs({ started: { capabilities } }: PortHost, { port, bundle }: PlannedCase): void {
  if (capabilities.includes('inputs')) return;
  const { id, folder, inputs } = bundle;
  const fix = isOfUser(port) ? '"inputs" among its capabilities, and a forward that reads them' : otherWays(folder);
  for (const [input, { dtype, stored, shape }] of inputs) {
    if (input === 'image' && dtype === 'f4' && stored === undefined && shape.length === 4) continue;
    throw new EnvironmentError(
      `Cannot run port ${port.name} on ${id}: it gives the model ${input}, ${stored ?? dtype} [${shape.join(', ')}], and this port takes an image of float32 [b, 3, h, w] alone; a port with the capability inputs is wanted. Fix: ${fix}`,
    );
  }
}
