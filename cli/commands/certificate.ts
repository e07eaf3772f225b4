import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { countRuns, viewCells } from '../../harness/reporters/certificate/arrange-certificate.js';
import { renderCertificateMarkdown } from '../../harness/reporters/certificate/certificate-markdown.js';
import { countVerdicts, renderCertificatePage } from '../../harness/reporters/certificate/certificate-page.js';
import { certifyRuns } from '../../harness/run/certify-runs.js';
import { readKnownGoldens } from '../../harness/run/known-goldens.js';
import { writeAtomicFile } from '../../harness/support/atomic-file.js';
import { note, out, tell } from '../../harness/support/console.js';
import { UserError } from '../../harness/support/errors.js';
import { renderCount } from '../../harness/support/figures.js';
import { sortRuns } from '../../tipc/stored/sort-runs.js';
import type { Program } from '../program.js';

export function register(program: Program): void {
  program
    .command('certificate')
    .helpGroup('Reports:')
    .summary('a table of models, modes, ports and devices, from stored runs')
    .description(
      'Writes certificate.html, certificate.md and certificate.json: of each model, mode, port and device the verdict of its newest run, with its date, versions, hashes and hardware. A run in which verify finds a fault is named and in no cell. Exit codes: 0 written, whatever the verdicts are; 2 bad usage or input, or a run that is refused.',
    )
    .argument('<runs...>', "runs' folders, their result.json, or folders of runs such as reports/")
    .requiredOption('--out <folder>', 'where the three files are written')
    .endsWith(async (runs: readonly string[], { out }: { readonly out: string }) => certify(runs, out));
}

/** @returns the exit code */
async function certify(paths: readonly string[], folder: string): Promise<number> {
  const { sound, refused, sentences } = await sortRuns(paths.flatMap(findRuns), folder);
  for (const sentence of sentences) tell(sentence);
  if (sound.length === 0)
    throw new UserError(
      `Cannot write a certificate: ${refused.length} of ${renderCount(refused.length, 'run')} refused; a run that is what it says is wanted`,
    );
  const certificate = certifyRuns(sound, refused, await readKnownGoldens());
  const files = {
    'certificate.html': renderCertificatePage(certificate),
    'certificate.md': renderCertificateMarkdown(certificate),
    'certificate.json': `${JSON.stringify(certificate, null, 2)}\n`,
  };
  for (const [name, text] of Object.entries(files)) {
    await writeAtomicFile(join(folder, name), text);
    out(relative('', join(folder, name)));
  }
  out(`${countVerdicts(viewCells(certificate))}, of ${countRuns(certificate)}`);
  return refused.length === 0 ? 0 : 2;
}

/** A folder without a result.json is one of runs. */
function findRuns(path: string): string[] {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return [path];
  if (existsSync(join(path, 'result.json'))) return [path];
  const folders = readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(path, entry.name))
    .sort();
  const found = folders.filter((folder) => existsSync(join(folder, 'result.json')));
  for (const folder of folders)
    if (!found.includes(folder) && existsSync(join(folder, 'plan.json')))
      note(`${folder} is not in the table: it has a plan and no result, so that its run did not end`);
  if (found.length > 0) return found;
  throw new UserError(
    `Cannot certify ${path}: it is not a run, and holds none; a folder with a result.json, or a folder of such, is wanted`,
  );
}
