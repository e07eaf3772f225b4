import { Command } from 'commander';
import type { Test } from 'tap';

/** Runs one command in this process, for tests: resolves to what it wrote on stdout. */
export function commandRunner(register: (program: Command) => void, name: string) {
  return async (t: Test, argv: readonly string[]): Promise<string> => {
    const program = new Command();
    register(program);
    const written = t.capture(process.stdout, 'write', () => true);
    try {
      await program.parseAsync([name, ...argv], { from: 'user' });
    } finally {
      written.restore();
    }
    return written
      .args()
      .map(([text]) => String(text))
      .join('');
  };
}
