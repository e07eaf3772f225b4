import type { CaseResult, Measurement } from '../result/record/case-result.js';
import { type ProductBits, recogniseRounding } from '../result/record/recognise-rounding.js';
import type { Kind } from './index.js';

const because = 'contract: honest ports stay within 1.7 × of the reference’s own float32 noise on inference';

/** A layer of the forward, with what it inherits (CONTRACT, section 3, "Agreement"). */
export const kind: Kind = {
  name: 'forward',
  phase: 'infer',
  step: 'forward',
  names: /^/,
  cause: 2,
  nearest: 'first',
  words: 'a layer of the forward',
  missing: 'the port recorded no such probe',
  limits: [
    { figure: 'rms', unit: '× noise', limit: 4, because },
    { figure: 'largest', unit: '× noise', limit: 8, because },
  ],
  tells: true,
  isInformative: (noise) => noise * 4 < 1,
  hint,
};

/** Of an accumulated error; what fails on its own, `own` explains. */
function hint(found: CaseResult, first: Measurement): string {
  const inFloat32 = found.goldens.precision === undefined;
  const bits = inFloat32 && first === found.measurements[0] ? recogniseRounding(found) : null;
  if (bits !== null) return describeRounding(bits);
  if (found.measurements.length === 1 && first.name === 'logits') {
    return 'No other probe was compared: judge more of them to see where it begins.';
  }
  if (found.shipped !== null && found.shipped.logits.verdict !== 'pass' && isOnlyFailure(found, first)) {
    return 'With its probes the port agrees, and the graph that users run does not: look at what the engine fuses when nothing observes it.';
  }
  const owns = found.measurements.map(({ own }) => own?.verdict);
  if (owns.includes('pass') && !owns.includes('fail')) {
    return 'No layer fails on its own, so rounding adds up from layer to layer, or the fault lies where own errors are not judged: look at the order of sums, at reduced precision, and at the layers just before.';
  }
  const before = found.measurements.slice(0, found.measurements.indexOf(first)).filter(agrees).at(-1);
  const after =
    before === undefined ? 'No probe before it agrees' : `The last probe that agrees before it is ${before.name}`;
  return `Own errors were not judged here, so the fault lies in this layer or in what it reads. ${after}.`;
}

/** With the switches that the engines have. */
function describeRounding(bits: ProductBits): string {
  const formats = bits === 10 ? 'TF32 or fp16' : 'bf16';
  return `Many layers fail on their own, the first among them, all by about as much as products of ${formats} err, which keep ${bits} bits of what they read: ask the engine for full float32 (NVIDIA_TF32_OVERRIDE=0, an inference precision of f32).`;
}

function isOnlyFailure({ measurements }: CaseResult, first: Measurement): boolean {
  return measurements.every((measurement) => measurement === first || agrees(measurement));
}

function agrees({ verdict, own }: Measurement): boolean {
  return verdict === 'pass' && own?.verdict !== 'fail';
}
