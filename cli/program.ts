import { Command, type Option } from 'commander';
import type { OptionGroup } from './options/group.js';

/** A command line, or a command of it, whose action gives its exit code. Lives for one run. */
export class Program extends Command {
  readonly #end: { code: number | null };

  constructor(name?: string, end: { code: number | null } = { code: null }) {
    super(name);
    this.#end = end;
  }

  override createCommand(name?: string): Program {
    return new Program(name, this.#end);
  }

  addOptions(options: readonly Option[]): this {
    for (const option of options) this.addOption(option);
    return this;
  }

  addGroup(flags: OptionGroup): this {
    return this.addOptions(flags.map(({ option }) => option));
  }

  /** @param act does what the command is for, and resolves to its exit code */
  endsWith<Given extends unknown[]>(act: (...given: Given) => Promise<number>): this {
    return this.action(async (...given) => {
      this.#end.code = await act(...(given as Given));
    });
  }

  /**
   * @param argv the arguments after the program's name
   * @returns the exit code of the action that they ask for; 3 where none came to its end
   */
  async run(argv: readonly string[]): Promise<number> {
    await this.parseAsync([...argv], { from: 'user' });
    return this.#end.code ?? 3;
  }
}
