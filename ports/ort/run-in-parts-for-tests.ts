import { createHash } from 'node:crypto';
import type { Test } from 'tap';
import type { Float32NdArray } from '../../harness/contract/nd-array.js';
import type { LoadedModel } from '../../harness/contract/port.js';
import type { Bundle } from '../../harness/golden/bundle.js';

/** A run in parts gives the bits of the whole run, and each part is given only what it reads. */
export async function testRunInParts(t: Test, model: LoadedModel, bundle: Bundle): Promise<void> {
  const whole = await hashOwnValues(model, bundle, 1);
  const parted = await hashOwnValues(model, bundle, 8);
  t.equal(whole.hashes.size, bundle.probes.length);
  t.strictSame(parted.hashes, whole.hashes);
  t.ok(Math.max(...parted.given) < bundle.probes.length / 4, parted.given.join(', '));
}

/** Hashes of all probes, each replaced by its golden for what follows: in so many parts, each given what it reads. */
async function hashOwnValues(model: LoadedModel, { inputs, draws, probes }: Bundle, parts: number) {
  const goldens = new Map(
    probes.map(({ name, shape, value }) => [name, { dtype: 'f4', shape, data: value } as Float32NdArray]),
  );
  const names = [...goldens.keys()];
  const length = Math.ceil(names.length / parts);
  const hashes = new Map<string, string>();
  /** Of each part, what it was given. */
  const given: number[] = [];
  for (let start = 0; start < names.length; start += length) {
    const wanted = names.slice(start, start + length);
    const replaced = parts === 1 ? names : model.reads!({ probes: wanted, replaced: names });
    given.push(replaced.length);
    const replacements = new Map(replaced.map((name) => [name, goldens.get(name)!]));
    const request = { inputs, draws, probes: wanted, replacements, ...(parts > 1 && { isPart: true }) };
    await model.infer(request, (name, { data }) => hashes.set(name, hashOf(data)));
  }
  return { hashes, given };
}

function hashOf({ buffer, byteOffset, byteLength }: Float32Array): string {
  return createHash('sha256')
    .update(new Uint8Array(buffer, byteOffset, byteLength))
    .digest('hex');
}
