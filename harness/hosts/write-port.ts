import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cannot } from '../support/errors.js';
import { packageRoot } from '../support/package-root.js';
import { suggest } from '../support/suggest.js';
import { listPrefixed } from './resolve-port.js';

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

/** `python, cpp, typescript` */
export const portLanguages = [...languages.keys()].join(', ');

/**
 * Writes a port to be filled in. Nothing that exists is replaced.
 * @param onFile is told each path that was written
 * @returns what is typed there next
 * @throws UserError for a language without a template and for a folder that is not empty
 */
export function writePort(language: string, folder: string, onFile: (path: string) => void): string {
  const steps = languages.get(language);
  if (steps === undefined)
    throw cannot(
      'write a port in',
      language,
      'it has no template',
      `${portLanguages} is wanted.${suggest(language, [...languages.keys()])}`,
    );
  writeTemplate(join(packageRoot, 'templates', language), folder, onFile);
  return renderSteps(steps);
}

function writeTemplate(template: string, folder: string, onFile: (path: string) => void): void {
  mkdirSync(folder, { recursive: true });
  if (readdirSync(folder).length > 0)
    throw cannot('write a port into', folder, 'it is not empty', 'a new or an empty folder is wanted');
  for (const entry of readdirSync(template, { withFileTypes: true })) {
    // Python leaves a folder of compiled files where an example imports one of these.
    if (!entry.isFile()) continue;
    const { name } = entry;
    const path = join(folder, name);
    writeFileSync(path, readFileSync(join(template, name)), { flag: 'wx' });
    onFile(path);
  }
}

function renderSteps({ build, port }: Language): string {
  const spec = 'module' in port ? port.module : `"${listPrefixed()[0]!.replace(/[A-Z]+$/, port.command)}"`;
  const asked = ['check-port', 'judge'].map((command) => `npx tipcheck ${command} ${spec} <bundle>`);
  return ['In that folder:', ...build, ...asked].join('\n  ');
}
