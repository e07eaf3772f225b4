import type { Phase } from './model-definition.js';
import type { Operators, TrainingOperators } from './operators.js';
import { readOperators } from './read-operators.js';
import { channelsOf, expectShape, type Shape, type ShapeContext } from './shapes.js';

/** What a forward did, seen by shapes alone. */
export interface ShapeLog {
  /** Probes in the order in which they were recorded. */
  readonly probes: [name: string, shape: Shape][];
  /** Parameters that were read. */
  readonly parameters: Set<string>;
  readonly draws: Set<string>;
}

interface ShapeRule {
  shapes(context: ShapeContext): object;
}

const rules = await readOperators<ShapeRule>('');

/**
 * Operators that compute nothing but shapes, and throw where shapes do not fit: a model is checked without an engine.
 * `parameters` and `draws` are what the model declares; reading another, or in another shape, throws.
 */
export function shapeOperators(
  parameters: ReadonlyMap<string, Shape>,
  draws: ReadonlyMap<string, Shape>,
  phase: Phase = 'infer',
): { ops: Operators<Shape>; log: ShapeLog } {
  const log: ShapeLog = { probes: [], parameters: new Set(), draws: new Set() };
  const context: ShapeContext = {
    read(name) {
      log.parameters.add(name);
      return declared(parameters, name);
    },
    readPerChannel(x, name, parts) {
      for (const part of parts) expectShape(context.read(`${name}.${part}`), [channelsOf(x)], `${name}.${part}`);
      return x;
    },
    draw(name) {
      log.draws.add(name);
      return declared(draws, name);
    },
    recordProbe: (name, shape) => log.probes.push([name, shape]),
  };
  const of = (files: ReadonlyMap<string, ShapeRule>): object =>
    Object.assign({}, ...[...files.values()].map((file) => file.shapes(context)));
  const training = of(rules.training) as TrainingOperators<Shape>;
  return { ops: { ...(of(rules.always) as Operators<Shape>), ...(phase === 'train' ? { training } : {}) }, log };
}

function declared(shapes: ReadonlyMap<string, Shape>, name: string): Shape {
  const shape = shapes.get(name);
  if (shape === undefined) throw new Error(`${name} is read and not declared`);
  return shape;
}
