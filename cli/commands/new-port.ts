import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { listPrefixed } from '../../harness/hosts/resolve-port.js';
import { out, outLines } from '../../harness/support/console.js';
import { cannot } from '../../harness/support/errors.js';
import { packageRoot } from '../../harness/support/package-root.js';
import { suggest } from '../../harness/support/suggest.js';
import type { Program } from '../program.js';

interface Language {
  /** What is typed in the new folder before it can be judged. */
  readonly build: readonly string[];
  /** A command line, or the file of a module. */
  readonly port: { readonly command: string } | { readonly module: string };
}

/** The folders of templates/. */
const languages: ReadonlyMap<string, Language> = new Map<string, Language>([
  ['python', { build: [], port: { command: 'python3 port.py' } }],
  ['cpp', { build: ['g++ -O2 -std=c++17 -o port port.cpp'], port: { command: './port' } }],
  ['typescript', { build: ['npx tsc'], port: { module: 'port.mjs' } }],
]);

export function register(program: Program): void {
  const names = [...languages.keys()];
  program
    .command('new-port')
    .helpGroup('Your port, your weights:')
    .summary('write a port to fill in: it speaks the protocol, and fails at its first layer')
    .description(
      'Writes a port to be filled in, with all that speaks to tipcheck. It runs as it is, and fails at its first layer. Nothing that exists is replaced. Exit codes: 0 written, 2 bad usage or input.',
    )
    .argument('<language>', names.join(', '))
    .argument('<folder>', 'a folder that is not there yet, or empty')
    .endsWith(async (language: string, folder: string) => {
      const steps = languages.get(language);
      if (steps === undefined)
        throw cannot(
          'write a port in',
          language,
          'it has no template',
          `${names.join(', ')} is wanted.${suggest(language, names)}`,
        );
      writeTemplate(join(packageRoot, 'templates', language), folder);
      outLines(renderSteps(steps));
      return 0;
    });
}

function renderSteps({ build, port }: Language): string {
  const spec = 'module' in port ? port.module : `"${listPrefixed()[0]!.replace(/[A-Z]+$/, port.command)}"`;
  const asked = ['check-port', 'judge'].map((command) => `npx tipcheck ${command} ${spec} <bundle>`);
  return ['In that folder:', ...build, ...asked].join('\n  ');
}

function writeTemplate(template: string, folder: string): void {
  mkdirSync(folder, { recursive: true });
  if (readdirSync(folder).length > 0)
    throw cannot('write a port into', folder, 'it is not empty', 'a new or an empty folder is wanted');
  for (const entry of readdirSync(template, { withFileTypes: true })) {
    // Python leaves a folder of compiled files where an example imports one of these.
    if (!entry.isFile()) continue;
    const { name } = entry;
    const path = join(folder, name);
    writeFileSync(path, readFileSync(join(template, name)), { flag: 'wx' });
    out(path);
  }
}
