import { pathToFileURL } from 'node:url';
import type { Port, PortOptions } from '../harness/contract/port.js';
import { type PortTarget, resolvePort } from '../harness/hosts/resolve-port.js';
import { UserError } from '../harness/support/errors.js';
import type { ModelDefinition } from '../models/model-definition.js';
import type { Operators } from '../models/operators.js';
import { findModel } from '../models/registry.js';
import { newTape } from '../ports/ort/gradients/tape.js';
import type { createPort as createOrt } from '../ports/ort/port.js';
import type { Bug } from './bug.js';
import { readBug } from './read-bugs.js';

/** A shipped port with a bug in it, to be judged as the port is. `layer`: of a bug of the tape. */
export function breakPort(name: string, bug: string, layer?: string): PortTarget {
  const whole = resolvePort(name);
  return { ...whole, module: import.meta.filename, settings: { port: name, module: whole.module, bug, layer } };
}

/** The module of a port's process, as `breakPort` asks for it: the shipped port, built of parts that are wrong. */
export async function createPort({ settings, ...options }: PortOptions): Promise<Port> {
  const { port, module, bug: name, layer } = settings as Record<'port' | 'module' | 'bug' | 'layer', string>;
  const bug = await readBug(name);
  if (bug.tape !== undefined && port !== 'ort')
    throw new UserError(`Cannot plant ${name} in ${port}: it differentiates by itself; ort is wanted`);
  const shipped: { createPort: typeof createOrt } = await import(pathToFileURL(module).href);
  const whole = await shipped.createPort(options, {
    findModel: async (section) => breakModel(await findModel(section), bug),
    newTape: (emitter) => bug.tape?.(newTape(emitter), layer) ?? newTape(emitter),
  });
  return {
    ...whole,
    async load(section, weights) {
      const { weight } = bug;
      const loaded = weight === undefined ? weights : new Map([...weights].map(([name, one]) => [name, weight(one)]));
      const model = await whole.load(section, loaded);
      const { train } = model;
      if (train === undefined) return model;
      return { ...model, train: (request) => train(bug.training?.(request) ?? request) };
    },
  };
}

function breakModel<Config>(definition: ModelDefinition<Config>, bug: Bug): ModelDefinition<Config> {
  return {
    ...definition,
    parse: (section) => definition.parse(bug.model?.(section) ?? section),
    forward: (ops, config, image) => definition.forward(breakOperators(ops, bug), config, image),
  };
}

/** `ops` with the bug's operators in place of the right ones. */
function breakOperators<T>(ops: Operators<T>, bug: Bug): Operators<T> {
  if (bug.operators === undefined) return ops;
  const replaced = bug.operators(ops);
  return new Proxy(ops, {
    get(target, key) {
      const found: unknown = Reflect.get(key in replaced ? replaced : target, key);
      return typeof found === 'function' ? found.bind(key in replaced ? replaced : target) : found;
    },
  });
}
