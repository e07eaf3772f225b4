import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Command } from 'commander';
import { writeAtomicFile } from '../harness/support/atomic-file.js';
import { codeOf } from '../harness/support/errors.js';
import { parseJson } from '../harness/support/parse-json.js';

/** What the program's help says of a command. */
interface Summary {
  readonly name: string;
  readonly group: string;
  readonly summary: string;
  readonly arguments: readonly string[];
  readonly hasOptions: boolean;
}

interface StoredSummaries {
  /** Hash of the files that the summaries come from. */
  readonly of: string;
  readonly summaries: readonly Summary[];
}

/**
 * Registers every command as far as the program's own help needs it. To load all of them takes half a second, with all
 * that they import; so what they said is kept beside them and read as long as their files are the same.
 * @param folder of the commands' files
 */
export async function registerForHelp(program: Command, folder: string, load: LoadCommands): Promise<void> {
  const names = listCommands(folder);
  const of = hashFiles(names.map((name) => join(folder, `${name}.js`)));
  const path = join(folder, '..', 'command-summaries.json');
  const stored = readStored(path);
  const summaries = stored?.of === of ? stored.summaries : await describe(names, load);
  if (stored?.of !== of) await store(path, { of, summaries });
  for (const found of summaries) {
    const command = program.command(found.name).helpGroup(found.group).summary(found.summary);
    for (const argument of found.arguments) command.argument(argument);
    if (found.hasOptions) command.option('--any');
  }
}

/** Registers commands by name and returns the program that has them. */
type LoadCommands = (names: readonly string[]) => Promise<Command>;

/** A command is a file of the folder. */
function listCommands(folder: string): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.js') && !file.endsWith('.test.js'))
    .map((file) => file.slice(0, -'.js'.length))
    .sort();
}

function hashFiles(paths: readonly string[]): string {
  const hash = createHash('sha256');
  for (const path of paths) hash.update(basename(path)).update(readFileSync(path));
  return hash.digest('hex');
}

async function describe(names: readonly string[], load: LoadCommands): Promise<Summary[]> {
  const { commands } = await load(names);
  return commands.map((command) => ({
    name: command.name(),
    group: command.helpGroup(),
    summary: command.summary(),
    arguments: command.registeredArguments.map((argument) =>
      (argument.required ? ['<', '>'] : ['[', ']']).join(`${argument.name()}${argument.variadic ? '...' : ''}`),
    ),
    hasOptions: command.options.length > 0,
  }));
}

function readStored(path: string): StoredSummaries | null {
  try {
    return parseJson(readFileSync(path, 'utf8')) as StoredSummaries;
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || error instanceof SyntaxError) return null;
    throw error;
  }
}

/** An installed package may lie where its user cannot write; then each help loads all commands. */
async function store(path: string, summaries: StoredSummaries): Promise<void> {
  try {
    await writeAtomicFile(path, `${JSON.stringify(summaries)}\n`);
  } catch (error) {
    if (!(error instanceof Error) || codeOf(error.cause) === null) throw error;
  }
}
