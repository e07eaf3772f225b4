import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import type { Command } from 'commander';
import { viewCells } from '../../harness/reporters/certificate/arrange-certificate.js';
import { renderCertificateMarkdown } from '../../harness/reporters/certificate/certificate-markdown.js';
import { countVerdicts, renderCertificatePage } from '../../harness/reporters/certificate/certificate-page.js';
import { certifyRuns, type RunToCertify } from '../../harness/run/certify-runs.js';
import { writeAtomicFile } from '../../harness/support/atomic-file.js';
import { UserError } from '../../harness/support/errors.js';
import { printable } from '../../harness/support/printable.js';
import { readKnownGoldens } from '../certificate/known-goldens.js';
import { readRun, type StoredRun } from '../read-run.js';
import { type Verification, verifyRun } from '../verify-run.js';

export function register(program: Command): void {
  program
    .command('certificate')
    .helpGroup('Reports:')
    .summary('a table of models, modes, ports and devices, from stored runs')
    .description(
      'Writes certificate.html, certificate.md and certificate.json: of each model, mode, port and device the verdict of its newest run, with its date, versions, hashes and hardware. A run in which verify finds a fault is refused. Exit codes: 0 written, whatever the verdicts are; 2 bad usage or input.',
    )
    .argument('<runs...>', "runs' folders, their result.json, or folders of runs such as reports/")
    .requiredOption('--out <folder>', 'where the three files are written')
    .action(async (runs: readonly string[], { out }: { readonly out: string }) => {
      await certify(runs, out);
    });
}

async function certify(paths: readonly string[], out: string): Promise<void> {
  const runs = new Map<string, StoredRun & Look>();
  for (const path of paths.flatMap(findRuns)) {
    const run = await verifySound(path);
    const { runId } = run.result;
    const other = runs.get(runId);
    if (other !== undefined && other.text !== run.text)
      throw new UserError(
        `Cannot certify ${run.path}: ${other.path} is of the run ${runId}, too, and says something else; one result of each run is wanted`,
      );
    if (other === undefined) runs.set(runId, run);
  }
  const toCertify = [...runs.values()].map(
    ({ path, result, unchecked, away, otherGoldens }): RunToCertify => ({
      ...{ result, href: hrefOf(path, out), unchecked, away, otherGoldens },
    }),
  );
  const certificate = certifyRuns(toCertify, await readKnownGoldens());
  const files = {
    'certificate.html': renderCertificatePage(certificate),
    'certificate.md': renderCertificateMarkdown(certificate),
    'certificate.json': `${JSON.stringify(certificate, null, 2)}\n`,
  };
  for (const [name, text] of Object.entries(files)) {
    await writeAtomicFile(join(out, name), text);
    process.stdout.write(`${printable(relative('', join(out, name)))}\n`);
  }
  process.stdout.write(`${countVerdicts(viewCells(certificate))}, of ${toCertify.length} runs\n`);
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
      process.stderr.write(
        `note: ${printable(folder)} is not in the table: it has a plan and no result, so that its run did not end\n`,
      );
  if (found.length > 0) return found;
  throw new UserError(
    `Cannot certify ${path}: it is no run, and holds none; a folder with a result.json, or a folder of such, is wanted`,
  );
}

type Look = Pick<Verification, 'unchecked' | 'away' | 'otherGoldens'>;

/** A run that `verify` finds a fault in stands for nothing. What its suites plan and it lacks, and goldens of another version, its cells say. */
async function verifySound(given: string): Promise<StoredRun & Look> {
  const run = await readRun(given);
  const { faults, unchecked, away, otherGoldens } = await verifyRun(run);
  const [fault] = faults;
  if (fault === undefined) return { ...run, unchecked, away, otherGoldens };
  throw new UserError(
    `Cannot certify ${run.path}: ${fault}; a run that is what it says is wanted. Fix: npx tipcheck verify ${given}`,
  );
}

/** The report for people where there is one, from where the certificate will lie; with slashes, as addresses have them. */
function hrefOf(resultPath: string, out: string): string {
  const page = join(dirname(resultPath), 'report.html');
  return relative(resolve(out), resolve(existsSync(page) ? page : resultPath)).replaceAll('\\', '/');
}
