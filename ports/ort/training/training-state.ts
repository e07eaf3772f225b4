import { elementCount, type Float32NdArray, float32NdArray, sameShape } from '../../../harness/contract/nd-array.js';
import type { OptimizerState, ProbeSink } from '../../../harness/contract/port.js';
import { UserError } from '../../../harness/support/errors.js';
import type { Optimizer } from '../../../training/optimizer.js';
import { names, valueSlot } from './graph-names.js';
import type { StateLayout } from './state-layout.js';

/** Chunks by the names of the graph's inputs. */
export type StateArrays = ReadonlyMap<string, Float32NdArray>;

interface StatePlan {
  readonly layout: StateLayout;
  readonly optimizer: Pick<Optimizer, 'rule'>;
}

/** The weights, and what the optimizer keeps: zeros, or what is resumed. Throws a UserError where that does not fit. */
export function initialState(
  plan: StatePlan,
  weights: ReadonlyMap<string, Float32NdArray>,
  resume: OptimizerState | undefined,
): StateArrays {
  if (resume !== undefined) validateSlots(plan, resume.slots);
  const state = new Map<string, Float32NdArray>();
  for (const { name, length, places, group } of plan.layout.chunks) {
    const fill = (slot: string, find: (parameter: string) => Float32NdArray | undefined): void => {
      const joined = new Float32Array(length);
      for (const place of places) joined.set(find(place.name)?.data ?? [], place.start);
      state.set(names.state(name, slot), float32NdArray([length], joined));
    };
    fill(valueSlot, (parameter) => weights.get(parameter));
    for (const slot of group === null ? [] : plan.optimizer.rule.slots) {
      fill(slot, (parameter) => resume?.slots.get(slotName(parameter, slot)));
    }
  }
  return state;
}

/** What the optimizer keeps, by the names of `OptimizerState.slots`. */
export function readSlots(plan: StatePlan, state: StateArrays, onValue: ProbeSink): void {
  for (const { name, slot, parameter } of listSlots(plan)) onValue(name, readTensor(plan, state, parameter, slot));
}

/** One tensor out of its chunk, without a copy. */
export function readTensor({ layout }: StatePlan, state: StateArrays, name: string, slot = valueSlot): Float32NdArray {
  return cut(layout, name, (chunk) => state.get(names.state(chunk, slot))!);
}

/** A parameter's gradient out of what a step gave, without a copy. */
export function readGradient(
  { layout }: StatePlan,
  name: string,
  output: (name: string) => Float32NdArray,
): Float32NdArray {
  return cut(layout, name, (chunk) => output(names.gradient(chunk)));
}

function cut({ find }: StateLayout, name: string, read: (chunk: string) => Float32NdArray): Float32NdArray {
  const { chunk, shape, start } = find(name);
  return float32NdArray(shape, read(chunk).data.subarray(start, start + elementCount(shape)));
}

function validateSlots(plan: StatePlan, given: OptimizerState['slots']): void {
  const wanted = listSlots(plan);
  for (const { name, shape } of wanted) {
    const found = given.get(name);
    if (found === undefined) refuse(`it lacks ${name}`);
    if (!sameShape(found.shape, shape)) {
      refuse(`${name} is [${found.shape.join(', ')}]; [${shape.join(', ')}] is wanted`);
    }
  }
  const known = new Set(wanted.map(({ name }) => name));
  const unknown = [...given.keys()].find((name) => !known.has(name));
  if (unknown !== undefined) refuse(`it has ${unknown}, which this optimizer does not keep for this model`);
}

function refuse(what: string): never {
  throw new UserError(`Cannot resume training from the optimizer's state: ${what}`);
}

function listSlots({ layout, optimizer }: StatePlan) {
  return layout.chunks
    .filter(({ group }) => group !== null)
    .flatMap(({ places }) => places)
    .flatMap(({ name: parameter, shape }) =>
      optimizer.rule.slots.map((slot) => ({ name: slotName(parameter, slot), slot, parameter, shape })),
    );
}

function slotName(parameter: string, slot: string): string {
  return `${parameter}/${slot}`;
}
