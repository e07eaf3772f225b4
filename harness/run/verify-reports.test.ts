import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { Reporter } from '../reporters/reporter.js';
import { makeResult } from '../reporters/result-for-tests.js';
import { checkReports } from './verify-reports.js';

t.test('a run is asked for the reports of its version, and not for those of a later one', async (t) => {
  const old: Reporter = { since: '0.9.0', fileName: 'old.txt', render: () => '' };
  const later: Reporter = { since: '0.10.0', fileName: 'later.txt', render: () => '' };
  const folder = t.testdir();
  const faultsOf = async (tipcheckVersion: string) =>
    (await checkReports(folder, makeResult([], { tipcheckVersion }), [old, later])).faults;
  const missing = (fileName: string) => `${fileName} is missing; the run wrote one`;
  t.same(await faultsOf('0.8.9'), []);
  t.same(await faultsOf('0.9.0'), [missing('old.txt')]);
  t.same(await faultsOf('0.9.12'), [missing('old.txt')]);
  for (const version of ['0.10.0', '0.11.0', '1.0.0', 'x'])
    t.same(await faultsOf(version), [missing('old.txt'), missing('later.txt')], version);
  writeFileSync(join(folder, 'old.txt'), '');
  t.same(await faultsOf('0.9.5'), []);
});
