import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { EnvironmentError, UserError } from '../harness/support/errors.js';
import { packageVersion } from '../harness/support/package-root.js';

/** A command: a file of cli/commands/ that exports `register`. */
interface CommandModule {
  register(program: Command): void;
}

/**
 * Runs one command line.
 * @param argv the arguments after the program's name
 * @returns the exit code: 0 agreement, 1 disagreement, 2 bad usage or input, 3 could not run
 */
export async function main(argv: readonly string[]): Promise<number> {
  const program = new Command('tipcheck')
    .description('Judges ports of neural networks against the real Paddle, layer by layer.')
    .version(packageVersion)
    .helpCommand(false)
    .enablePositionalOptions()
    .showHelpAfterError('See: npx tipcheck --help')
    .exitOverride();
  for (const name of commandsToLoad(argv)) {
    const module: CommandModule = await import(join(commandsFolder, `${name}.js`));
    module.register(program);
  }
  for (const command of program.commands) command.exitOverride();
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return exitCodeOf(process.exitCode);
  } catch (error) {
    return reportError(error);
  }
}

const commandsFolder = join(import.meta.dirname, 'commands');

/** Only the file of the command that is asked for; all of them for help and for a name that does not exist. */
function commandsToLoad(argv: readonly string[]): string[] {
  const asked = argv[0];
  if (asked !== undefined && /^[a-z-]+$/.test(asked) && existsSync(join(commandsFolder, `${asked}.js`))) return [asked];
  return readdirSync(commandsFolder)
    .filter((file) => file.endsWith('.js') && !file.endsWith('.test.js'))
    .map((file) => file.slice(0, -'.js'.length))
    .sort();
}

function reportError(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof UserError) return complain(error.message, 2);
  if (error instanceof EnvironmentError) return complain(error.message, 3);
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return complain(`This is a defect of tipcheck ${packageVersion}, please report it:\n${detail}`, 3);
}

function complain(message: string, exitCode: number): number {
  process.stderr.write(`${message}\n`);
  return exitCode;
}

function exitCodeOf(code: typeof process.exitCode): number {
  return typeof code === 'number' ? code : 0;
}
