import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isPython, onnxEngineFolder, onnxEngines, preparedMark } from '../setup/read-onnx-engines.js';
import { EnvironmentError, UserError } from '../support/errors.js';
import { suggest } from '../support/suggest.js';
import { adapters } from './read-ports.js';

/** A program that runs ONNX files, as `judge --engine` takes it. */
export interface EngineCommand {
  /** As the user named it. */
  readonly name: string;
  /** A shell command line. */
  readonly command: string;
}

/** What `resolveEngine` takes, for help texts. */
export function describeOnnxEngines(): string {
  return `${onnxEngines.map(({ name }) => name).join(', ')}, or ${programPrefix()}COMMAND`;
}

/**
 * `NAME`, `NAME:OPTION` or a command after the prefix of programs.
 * @throws UserError for an engine that has no folder; EnvironmentError for one that is not prepared
 */
export function resolveEngine(spec: string): EngineCommand {
  const prefix = programPrefix();
  if (spec.startsWith(prefix) && spec.length > prefix.length) return { name: spec, command: spec.slice(prefix.length) };
  const [, name = '', option] = /^([^:]*)(?::(.*))?$/s.exec(spec) ?? [];
  const engine = onnxEngines.find((one) => one.name === name);
  if (engine === undefined) {
    const names = onnxEngines.map((one) => one.name);
    throw new UserError(
      `Cannot use engine ${spec}: it is not one of ${names.join(', ')}; one of them or ${prefix}COMMAND is wanted.${suggest(name, names)}`,
    );
  }
  if (option !== undefined && engine.option === null)
    throw new UserError(`Cannot use engine ${spec}: nothing may follow ${name}; ${name} is wanted`);
  const folder = onnxEngineFolder(engine);
  if (!existsSync(preparedMark(folder)))
    throw new EnvironmentError(
      `Cannot run engine ${spec}: ${engine.runsOn} is not in ${folder}. Fix: npx tipcheck prepare --engine ${name}`,
    );
  const runner = isPython(engine)
    ? [join(folder, 'bin', 'python'), engine.path]
    : [process.execPath, engine.path, folder];
  return { name: spec, command: [...runner, ...(option === undefined ? [] : [option])].map(quote).join(' ') };
}

/** `exec:` */
function programPrefix(): string {
  const prefixes = adapters.flatMap(({ accepts }) => (accepts.by === 'prefix' ? [accepts.prefix] : []));
  return prefixes[0]!;
}

function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
