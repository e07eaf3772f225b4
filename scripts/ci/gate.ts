import { randomUUID } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { appendFile, mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { execa } from 'execa';
import { type Annotation, renderAnnotation, renderAnnotations } from '../../harness/reporters/formats/github.js';
import { escapeMarkdown } from '../../harness/reporters/markdown-text.js';
import { parseResult } from '../../harness/result/parse-result.js';
import type { Result } from '../../harness/result/record/result.js';
import { out, tell } from '../../harness/support/console.js';
import { UserError } from '../../harness/support/errors.js';
import { packageRoot } from '../../harness/support/package-root.js';
import { judgeCommand, prepareCommands } from './gate-command.js';
import { type GateInputs, parseGateInputs } from './gate-inputs.js';
import { type GateOutcome, outcomeOf } from './gate-outcome.js';
import { cutSummary, writeOutputs } from './github-files.js';

/**
 * The body of the action, and of any other system's job: `node scripts/run.mjs scripts/ci/gate.js prepare`, then `…
 * judge`. Reads TIPCHECK_*, and of GitHub GITHUB_OUTPUT, GITHUB_STEP_SUMMARY, GITHUB_WORKSPACE and RUNNER_TEMP where
 * they are set.
 * @returns the exit code: 0 let through, 1 disagreement, 2 bad usage or input, 3 could not run
 */
export async function main([step]: readonly string[]): Promise<number> {
  try {
    const inputs = parseGateInputs(process.env);
    if (step === 'prepare') return await prepare(inputs);
    if (step === 'judge') return await judge(inputs);
    throw new UserError(`Cannot run the gate: its step is ${step ?? 'missing'}; prepare or judge is wanted`);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    tell(error.message);
    announce(renderAnnotation({ level: 'error', title: 'tipcheck', text: error.message }));
    await report(
      { verdict: 'usage', 'first-fault': '', report: '' },
      `# tipcheck: not judged\n\n${escapeMarkdown(error.message)}\n`,
    );
    return 2;
  }
}

async function prepare(inputs: GateInputs): Promise<number> {
  for (const command of prepareCommands(inputs)) {
    const { code } = await tipcheck(command);
    if (code !== 0) return code ?? 3;
  }
  return 0;
}

async function judge(inputs: GateInputs): Promise<number> {
  const base =
    process.env.TIPCHECK_REPORT_FOLDER ?? (await mkdtemp(join(process.env.RUNNER_TEMP ?? tmpdir(), 'tipcheck-')));
  const began = new Date().toISOString();
  const { code, stderr } = await tipcheck(judgeCommand(inputs, base));
  const { folder, result } = await readOwnRun(base, began);
  const outcome = outcomeOf(code, result, inputs);
  const said = { ...outcome, note: noteOf(result, outcome, stderr) };
  announce(annotationsOf(result, said, fileOf(inputs)));
  const outputs = { verdict: outcome.verdict, 'first-fault': outcome.firstFault, report: folder ?? '' };
  await report(outputs, await summaryOf(folder, said));
  out(`gate: ${outcome.verdict}${said.note === null ? '' : `, ${said.note}`}; exit code ${outcome.exitCode}`);
  return outcome.exitCode;
}

/**
 * Runs tipcheck and shows what it says. What looks like a workflow command in it is none: it is text of ports and
 * bundles.
 */
async function tipcheck(args: readonly string[]): Promise<{ readonly code: number | null; readonly stderr: string }> {
  const token = randomUUID();
  announce(`::stop-commands::${token}\n`);
  const { exitCode, stderr } = await execa(process.execPath, [join(packageRoot, 'cli', 'tipcheck.mjs'), ...args], {
    reject: false,
    stdin: 'ignore',
    stdout: 'inherit',
    stderr: ['inherit', 'pipe'],
    env: { TIPCHECK_SKIP_ENSURE: '1', ...nodeOptions() },
  });
  announce(`::${token}::\n`);
  return { code: exitCode ?? null, stderr };
}

/** For the judge and its ports, in place of the job's own where they are given. */
function nodeOptions(): { NODE_OPTIONS?: string } {
  const given = process.env.TIPCHECK_NODE_OPTIONS ?? '';
  return given === '' ? {} : { NODE_OPTIONS: given };
}

/** Workflow commands are for GitHub alone: elsewhere they would be noise. */
function announce(commands: string): void {
  if (process.env.GITHUB_ACTIONS === 'true') process.stdout.write(commands);
}

/** `test` makes a folder for the run in the one that it is given. */
async function findRun(folder: string): Promise<string | null> {
  if (existsSync(join(folder, 'result.json'))) return folder;
  const runs = existsSync(folder)
    ? (await readdir(folder)).filter((name) => existsSync(join(folder, name, 'result.json')))
    : [];
  const [run] = runs.sort().reverse();
  return run === undefined ? null : join(folder, run);
}

/** What an earlier run left in the folder is not what this one found. @param began ISO 8601, UTC */
async function readOwnRun(
  base: string,
  began: string,
): Promise<{ readonly folder: string; readonly result: Result } | { readonly folder: null; readonly result: null }> {
  const folder = await findRun(base);
  if (folder === null) return { folder, result: null };
  const path = join(folder, 'result.json');
  const result = parseResult(await readFile(path, 'utf8'), path);
  return result.startedAt >= began ? { folder, result } : { folder: null, result: null };
}

/** A port that is a file is where its annotations stand. */
function fileOf({ port }: GateInputs): string | null {
  const path = resolve(port);
  if (port === '' || !existsSync(path) || !statSync(path).isFile()) return null;
  const inside = relative(process.env.GITHUB_WORKSPACE ?? process.cwd(), path);
  return inside.startsWith('..') ? null : inside.replaceAll('\\', '/');
}

type Said = GateOutcome & { readonly note: string | null };

/** What the result itself does not say: what is required, why there is none, or why the gate ends otherwise. */
function noteOf(result: Result | null, { unmet, verdict }: GateOutcome, stderr: string): string | null {
  return unmet ?? (result?.verdict === verdict ? null : lastLine(stderr));
}

function annotationsOf(result: Result | null, { note }: Said, file: string | null): string {
  const first: Annotation[] = note === null ? [] : [{ level: 'error', title: 'tipcheck', text: note }];
  if (result === null) return first.map((annotation) => renderAnnotation(annotation)).join('');
  return renderAnnotations(result, { file, first });
}

async function summaryOf(folder: string | null, { note, verdict }: Said): Promise<string> {
  const head = note === null ? '' : `**gate: ${verdict}**, ${escapeMarkdown(note)}\n\n`;
  if (folder === null) return `${head}# tipcheck: nothing was judged\n`;
  return `${head}${await readFile(join(folder, 'report.md'), 'utf8')}`;
}

async function report(outputs: Readonly<Record<string, string>>, summary: string): Promise<void> {
  const { GITHUB_OUTPUT: output = '', GITHUB_STEP_SUMMARY: summaryPath = '' } = process.env;
  if (output !== '') await writeOutputs(output, outputs);
  if (summaryPath !== '') await appendFile(summaryPath, cutSummary(summary));
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
