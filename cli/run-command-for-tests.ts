import type { Test } from 'tap';
import { Program } from './program.js';

/** Runs one command in this process, for tests: resolves to what it wrote on stdout. */
export function commandRunner(register: (program: Program) => void, name: string) {
  const run = endRunner(register, name);
  return async (t: Test, argv: readonly string[]): Promise<string> => (await run(t, argv)).output;
}

/** The same, with its exit code. */
export function endRunner(register: (program: Program) => void, name: string) {
  return async (t: Test, argv: readonly string[]): Promise<{ readonly output: string; readonly code: number }> => {
    const program = new Program();
    register(program);
    const written = t.capture(process.stdout, 'write', () => true);
    let code: number;
    try {
      code = await program.run([name, ...argv]);
    } finally {
      written.restore();
    }
    const output = written.args().map(([text]) => String(text));
    return { output: output.join(''), code };
  };
}
