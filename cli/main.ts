import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CommanderError } from 'commander';
import { tell, tellLines } from '../harness/support/console.js';
import { EnvironmentError, UserError } from '../harness/support/errors.js';
import { explainSystem } from '../harness/support/explain-system.js';
import { packageVersion } from '../harness/support/package-root.js';
import { printableLines } from '../harness/support/printable.js';
import { Program } from './program.js';
import { registerForHelp } from './register-for-help.js';

/** A command: a file of cli/commands/ that exports `register`. */
interface CommandModule {
  register(program: Program): void;
}

/**
 * Runs one command line.
 * @param argv the arguments after the program's name
 * @returns the exit code: 0 agreement, 1 disagreement, 2 bad usage or input, 3 could not run
 */
export async function main(argv: readonly string[]): Promise<number> {
  const program = createProgram();
  const asked = commandAskedFor(argv);
  if (asked === null) await registerForHelp(program, commandsFolder, (names) => register(createProgram(), names));
  else await register(program, [asked]);
  for (const command of program.commands) command.exitOverride();
  try {
    return await program.run(argv);
  } catch (error) {
    return reportError(error);
  }
}

/** Says what was thrown. @returns the exit code */
export function reportError(thrown: unknown): number {
  const error = explainSystem(thrown) ?? thrown;
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof UserError) return complain(error.message, 2);
  if (error instanceof EnvironmentError) return complain(error.message, 3);
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  tellLines(`This is a defect of tipcheck ${packageVersion}, please report it:\n${detail}`);
  return 3;
}

const commandsFolder = join(import.meta.dirname, 'commands');

function createProgram(): Program {
  return new Program('tipcheck')
    .description('Judges ports of neural networks against the real Paddle, layer by layer.')
    .version(packageVersion)
    .helpCommand(false)
    .enablePositionalOptions()
    .configureOutput({ outputError: (text, write) => write(printableLines(text)) })
    .showHelpAfterError('See: npx tipcheck --help')
    .exitOverride();
}

async function register(program: Program, names: readonly string[]): Promise<Program> {
  for (const name of names) {
    const module: CommandModule = await import(join(commandsFolder, `${name}.js`));
    module.register(program);
  }
  return program;
}

/** Null for help, and for a name that does not exist: that wants all names. */
function commandAskedFor([asked]: readonly string[]): string | null {
  return asked !== undefined && /^[a-z-]+$/.test(asked) && existsSync(join(commandsFolder, `${asked}.js`))
    ? asked
    : null;
}

function complain(message: string, exitCode: number): number {
  tell(message);
  return exitCode;
}
