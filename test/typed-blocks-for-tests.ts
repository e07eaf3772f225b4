import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../harness/support/package-root.js';

/** A block of commands of a page, and what the comment above it says: where it is typed, or why it is not. */
export interface TypedBlock {
  readonly page: string;
  readonly line: number;
  readonly commands: readonly string[];
  /** `a clone`, `a project`, `PaddleSeg`; null where it is not typed. */
  readonly place: string | null;
  readonly slow: boolean;
  /** Of its last command. */
  readonly exitCode: number;
  /** Why it is not typed. */
  readonly reason: string | null;
  /** What the page says that the last command prints. */
  readonly printed: string | null;
}

export const pages: readonly string[] = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(packageRoot, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .sort()
    .map((name) => `docs/${name}`),
];

/** The blocks of a page in its order. Throws for a block of commands without a comment that says where it is typed. */
export function readTypedBlocks(page: string): readonly TypedBlock[] {
  const text = readFileSync(join(packageRoot, page), 'utf8');
  const blocks: TypedBlock[] = [];
  for (const { 1: mark, 2: language, 3: body, index } of text.matchAll(fence)) {
    const line = text.slice(0, index).split('\n').length;
    if (mark === 'printed by the last command') {
      const last = blocks.pop();
      if (last === undefined) throw new Error(`${page}:${line}: no command comes before what is printed`);
      blocks.push({ ...last, printed: body! });
    } else if (language === 'bash' || language === 'sh')
      blocks.push({ page, line, commands: splitCommands(body!), printed: null, ...parseMark(mark, `${page}:${line}`) });
  }
  return blocks;
}

const fence = /(?:^<!-- (.*?) -->\n)?^```(\w*)\n([\s\S]*?)^```$/gm;

function parseMark(
  mark: string | undefined,
  where: string,
): Omit<TypedBlock, 'page' | 'line' | 'commands' | 'printed'> {
  const reason = /^not typed: (.+)$/.exec(mark ?? '')?.[1];
  if (reason !== undefined) return { place: null, slow: false, exitCode: 0, reason };
  const typed = /^typed( slowly)? in (a clone|a project|PaddleSeg)(?:, with exit code (\d))?$/.exec(mark ?? '');
  if (typed === null)
    throw new Error(`${where}: a block of commands has no comment above it that says where it is typed, or why not`);
  return { place: typed[2]!, slow: typed[1] !== undefined, exitCode: Number(typed[3] ?? 0), reason: null };
}

/** A command a line, without its comment; a backslash joins lines. */
function splitCommands(body: string): readonly string[] {
  return body
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .map((line) => line.replace(/\s+# .*$/, '').trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}
