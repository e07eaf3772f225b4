import { execa } from 'execa';

/** A program that the set-up needs, or in plain words why it is not there and what to install. */
export type Tool = { readonly command: string; readonly version: string } | { readonly missing: string };

export interface Tools {
  readonly python: Tool;
  readonly compiler: Tool;
}

export async function findTools(): Promise<Tools> {
  const [python, compiler] = await Promise.all([findPython(), findCompiler()]);
  return { python, compiler };
}

/** Any Python 3 will do: it only runs pip, which is told which Python the wheel is for. */
export async function findPython(): Promise<Tool> {
  let failure = 'python3 was not found on PATH (Debian, Ubuntu: apt install python3 python3-pip python3-venv)';
  for (const command of ['python3', 'python']) {
    const python = await tryCommand(command, ['--version']);
    if (python === null || !python.startsWith('Python 3')) continue;
    const pip = await tryCommand(command, ['-m', 'pip', '--version']);
    if (pip !== null) return { command, version: `${python}, ${/^pip \S+/.exec(pip)?.[0] ?? pip}` };
    failure = `${command} has no pip (Debian, Ubuntu: apt install python3-pip)`;
  }
  return { missing: failure };
}

async function findCompiler(): Promise<Tool> {
  const own = process.env.CXX;
  const candidates = own === undefined || own === '' ? ['g++', 'c++', 'clang++'] : [own];
  for (const command of candidates) {
    const version = await tryCommand(command, ['--version']);
    if (version === null) continue;
    const compiled = await execa(command, ['-std=c++17', '-x', 'c++', '-fsyntax-only', '-'], {
      input: '#include <optional>\nstd::optional<int> one = 1;\n',
      reject: false,
    });
    if (compiled.exitCode === 0) return { command, version: version.split('\n')[0] ?? version };
    return { missing: `${command} does not compile C++17 (Debian, Ubuntu: apt install g++)` };
  }
  return { missing: `no C++17 compiler was found: ${candidates.join(', ')} (Debian, Ubuntu: apt install g++)` };
}

async function tryCommand(command: string, args: readonly string[]): Promise<string | null> {
  const result = await execa(command, args, { reject: false, timeout: 30_000 });
  return result.exitCode === 0 ? result.stdout.trim() : null;
}
