import { existsSync, readdirSync, statSync } from 'node:fs';
import { extname, join, resolve } from 'node:path';
import { UserError } from '../support/errors.js';
import { packageRoot } from '../support/package-root.js';
import { suggest } from '../support/suggest.js';

/** A port as the user named it, and the module that runs it. */
export interface PortTarget {
  readonly name: string;
  readonly kind: 'built-in' | 'module' | 'onnx' | 'exec';
  /** The module to import in the port's process. */
  readonly module: string;
  /** Passed to the module's createPort. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/**
 * A built-in name, else a path that exists (an `.onnx` file or a port module), else `exec:COMMAND` (CONTRACT, section 3).
 * Throws a UserError for anything else.
 */
export function resolvePort(spec: string, settings: Readonly<Record<string, unknown>> = {}): PortTarget {
  const builtIns = listBuiltInPorts();
  if (builtIns.includes(spec)) return { name: spec, kind: 'built-in', module: builtInModule(spec), settings: {} };
  if (spec.startsWith('exec:')) {
    const command = spec.slice('exec:'.length).trim();
    if (command === '') throw new UserError('Cannot use port exec: no command follows; exec:COMMAND is wanted');
    return { name: spec, kind: 'exec', module: builtInModule('exec', true), settings: { command } };
  }
  if (existsSync(spec) && statSync(spec).isFile()) return resolveFile(spec, settings);
  throw new UserError(
    `Cannot use port ${spec}: it is no built-in port (${builtIns.join(', ')}), no file and no exec:COMMAND.${suggest(spec, builtIns)}`,
  );
}

/** Names of the folders under ports/ that hold a `port.ts` and are asked for by name alone. */
export function listBuiltInPorts(): string[] {
  return readdirSync(portsFolder(), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !adapters.has(entry.name))
    .map((entry) => entry.name)
    .filter((name) => existsSync(builtInModule(name)))
    .sort();
}

/** Ports that run something of the user's: they are reached through a file or `exec:`, never by name. */
const adapters = new Set(['onnx-file', 'exec']);

function resolveFile(spec: string, settings: Readonly<Record<string, unknown>>): PortTarget {
  const path = resolve(spec);
  const extension = extname(path);
  if (extension === '.onnx') {
    return { name: spec, kind: 'onnx', module: builtInModule('onnx-file', true), settings: { ...settings, path } };
  }
  if (['.js', '.mjs', '.cjs'].includes(extension)) return { name: spec, kind: 'module', module: path, settings: {} };
  throw new UserError(
    `Cannot use ${spec} as a port: its ending is ${extension === '' ? 'missing' : extension}; .onnx, .js, .mjs or .cjs is wanted`,
  );
}

function builtInModule(name: string, mustExist = false): string {
  const path = join(portsFolder(), name, 'port.js');
  if (mustExist && !existsSync(path)) throw new Error(`ports/${name}/port.js is missing from this build`);
  return path;
}

function portsFolder(): string {
  return join(packageRoot, 'dist', 'ports');
}
