import { existsSync, statSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import { UserError } from '../support/errors.js';
import { suggest } from '../support/suggest.js';
import { adapters, type ListedAdapter, type ListedPort, namedPorts } from './read-ports.js';
import type { EngineCommand } from './resolve-engine.js';

/** A port as the user named it, and the module that runs it. */
export interface PortTarget {
  readonly name: string;
  /** What the port says of itself; null for a module of the user's. */
  readonly about: ListedPort | ListedAdapter | null;
  /** The module to import in the port's process. */
  readonly module: string;
  /** Passed to the module's createPort. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/**
 * A built-in name, else what an adapter takes by its prefix (`exec:COMMAND`), else a path that exists: a file that an
 * adapter takes by its ending (`.onnx`), or a port module (CONTRACT, section 3). Throws a UserError for anything else.
 * @param settings what is said of such a file beside its path
 */
export function resolvePort(spec: string, settings: Readonly<Record<string, unknown>> = {}): PortTarget {
  const named = namedPorts.find(({ name }) => name === spec);
  if (named !== undefined) return { name: spec, about: named, module: named.module, settings: {} };
  for (const adapter of adapters) {
    const { accepts, module } = adapter;
    if (accepts.by !== 'prefix' || !spec.startsWith(accepts.prefix)) continue;
    return { name: spec, about: adapter, module, settings: { [accepts.follows]: readRest(spec, accepts) } };
  }
  if (existsSync(spec) && statSync(spec).isFile()) return resolveFile(spec, settings);
  const builtIns = listBuiltInPorts();
  throw new UserError(
    `Cannot use port ${spec}: it is not a built-in port (${builtIns.join(', ')}), a file or ${listPrefixed().join(' or ')}; one of them is wanted.${suggest(spec, builtIns)}`,
  );
}

/** A module or a program, and no file that a port of ours runs. */
export function isOfUser({ about }: PortTarget): boolean {
  return about === null || (about.kind === 'adapter' && about.foreign);
}

/**
 * A file in an engine other than its adapter's own, or without a file each bundle's own network in it.
 * @param path of the file; null: none
 */
export function resolveInEngine(
  engine: EngineCommand,
  path: string | null,
  settings: Readonly<Record<string, unknown>>,
): PortTarget {
  const target = path === null ? resolveGraph(`x${listGraphEndings()[0]}`, {})! : resolvePort(path, settings);
  if (target.about?.kind !== 'adapter' || target.about.accepts.by !== 'ending')
    throw new UserError(
      `Cannot judge ${path} in engine ${engine.name}: it is not an ${listGraphEndings().join(' or ')} file; one is wanted, or bundles alone`,
    );
  const { path: file, ...rest } = target.settings;
  return {
    ...target,
    name: path === null ? engine.name : `${engine.name} ${path}`,
    settings: { ...rest, ...(path === null ? {} : { path: file }), engine },
  };
}

/** The ports that are asked for by name alone: each folder under ports/ whose about.ts says so. */
export function listBuiltInPorts(): string[] {
  return namedPorts.map(({ name }) => name).sort();
}

/** What `resolvePort` takes, for help texts. */
export function describePorts(): string {
  const files = listGraphEndings().map((ending) => `an ${ending} file`);
  return [`a built-in port (${listBuiltInPorts().join(', ')})`, ...files, 'a port module (.js, .mjs)']
    .concat(listPrefixed().map((form) => `or ${form}`))
    .join(', ');
}

/** `exec:COMMAND` */
export function listPrefixed(): string[] {
  return adapters.flatMap(({ accepts }) => (accepts.by === 'prefix' ? [renderPrefixed(accepts)] : []));
}

/** A file that is a port by its ending, whether it is there or not; null: no adapter takes that ending. */
export function resolveGraph(path: string, settings: Readonly<Record<string, unknown>>): PortTarget | null {
  const extension = extname(path);
  const adapter = adapters.find(({ accepts }) => accepts.by === 'ending' && accepts.ending === extension);
  if (adapter === undefined) return null;
  return { name: path, about: adapter, module: adapter.module, settings: { path: resolve(path), ...settings } };
}

/** `.onnx` */
export function listGraphEndings(): string[] {
  return adapters.flatMap(({ accepts }) => (accepts.by === 'ending' ? [accepts.ending] : []));
}

const moduleEndings = ['.js', '.mjs', '.cjs'];

type ByPrefix = Extract<ListedAdapter['accepts'], { by: 'prefix' }>;

function readRest(spec: string, accepts: ByPrefix): string {
  const rest = spec.slice(accepts.prefix.length).trim();
  if (rest !== '') return rest;
  throw new UserError(
    `Cannot use port ${accepts.prefix} no ${accepts.follows} follows; ${renderPrefixed(accepts)} is wanted`,
  );
}

function renderPrefixed({ prefix, follows }: ByPrefix): string {
  return `${prefix}${follows.toUpperCase()}`;
}

function resolveFile(spec: string, settings: Readonly<Record<string, unknown>>): PortTarget {
  const graph = resolveGraph(spec, settings);
  if (graph !== null) return graph;
  const extension = extname(spec);
  if (moduleEndings.includes(extension)) return { name: spec, about: null, module: resolve(spec), settings: {} };
  const wanted = [...listGraphEndings(), ...moduleEndings];
  throw new UserError(
    `Cannot use ${spec} as a port: its ending is ${extension === '' ? 'missing' : extension}; ${wanted.slice(0, -1).join(', ')} or ${wanted.at(-1)} is wanted`,
  );
}
