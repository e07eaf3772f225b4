import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { parse } from 'yaml';
import { packageRoot } from '../harness/support/package-root.js';

export interface Action {
  readonly inputs: Readonly<Record<string, { description: string; required: boolean; default: string }>>;
  readonly outputs: Readonly<Record<string, { description: string; value: string }>>;
  readonly runs: { readonly using: string; readonly steps: readonly ActionStep[] };
}

export interface ActionStep {
  readonly name: string;
  readonly id?: string;
  readonly if?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly shell?: string;
  readonly with?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
}

export async function readAction(): Promise<Action> {
  return parse(await readFile(join(packageRoot, 'action.yml'), 'utf8'));
}

export interface ActionRun {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly outputs: Readonly<Record<string, string>>;
  readonly summary: string;
}

/**
 * Runs the shell bodies of action.yml one after the other, as GitHub's runner would: each with the inputs in its
 * environment and with files for outputs and summary, until one fails. Steps that use another action are passed over.
 */
export async function runAction(
  folder: string,
  inputs: Readonly<Record<string, string>>,
  more: Readonly<Record<string, string>> = {},
): Promise<ActionRun> {
  const action = await readAction();
  const temp = join(folder, 'runner-temp');
  await mkdir(temp, { recursive: true });
  const files = { GITHUB_OUTPUT: join(temp, 'output'), GITHUB_STEP_SUMMARY: join(temp, 'summary') };
  const github = {
    ...files,
    GITHUB_ACTIONS: 'true',
    GITHUB_ACTION_PATH: packageRoot,
    GITHUB_WORKSPACE: folder,
    RUNNER_TEMP: temp,
    TIPCHECK_SKIP_ENSURE: '1',
    ...more,
  };
  let [stdout, stderr, exitCode] = ['', '', 0];
  for (const { run, env = {} } of action.runs.steps) {
    if (run === undefined || exitCode !== 0) continue;
    for (const path of Object.values(files)) await writeFile(path, '');
    const own = Object.fromEntries(Object.entries(env).map(([name, text]) => [name, fill(text, action, inputs)]));
    const ended = await execa('bash', ['--noprofile', '--norc', '-e', '-o', 'pipefail', '-c', run], {
      cwd: folder,
      env: { ...github, ...own },
      reject: false,
    });
    stdout += ended.stdout;
    stderr += ended.stderr;
    exitCode = ended.exitCode ?? 255;
  }
  const outputs = parseOutputs(await readFile(files.GITHUB_OUTPUT, 'utf8'));
  return { exitCode, stdout, stderr, outputs, summary: await readFile(files.GITHUB_STEP_SUMMARY, 'utf8') };
}

/** `${{ inputs.port }}`, by what is given or by the input's default. */
function fill(text: string, { inputs: known }: Action, given: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$\{\{ inputs\.([\w-]+) \}\}/g, (_, name: string) => given[name] ?? known[name]!.default);
}

/** As the runner reads them: `name<<END`, lines, `END`. */
function parseOutputs(text: string): Record<string, string> {
  const outputs: Record<string, string> = {};
  for (const [, name, , value] of text.matchAll(/^([\w-]+)<<(\S+)\n([\s\S]*?)\n?\2$/gm)) outputs[name!] = value!;
  return outputs;
}
