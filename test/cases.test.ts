import t from 'tap';
import { attackTable } from './cases/attack-table.js';
import { notRun } from './cases/case-row.js';
import { filesTable } from './cases/files-table.js';
import { findFaults } from './cases/find-faults.js';
import { judgeTable } from './cases/judge-table.js';
import { onnxTable } from './cases/onnx-table.js';
import { createPlace, findLack } from './cases/place.js';
import { portsTable } from './cases/ports-table.js';
import { quickRows } from './cases/quick-rows.js';
import { tipcTable } from './cases/tipc-table.js';

t.setTimeout(7_200_000);

/** `node dist/test/cases.test.js judge/noise10 tipc/` runs the rows whose names begin so. */
const asked = process.argv.slice(2);
const isAll = process.env.TIPCHECK_TEST_ALL === '1';

const shared = t.testdir();
const tables = [judgeTable, portsTable, onnxTable, filesTable, tipcTable, attackTable];

t.test('every quick row is a row of a table', async (t) => {
  const names = tables.flatMap((table) => table.rows.map(({ name }) => `${table.name}/${name}`));
  t.equal(new Set(names).size, names.length, 'and names are told apart');
  t.strictSame(
    quickRows.filter((name) => !names.includes(name)),
    [],
  );
});

for (const table of tables) {
  const rows = table.rows.filter(({ name }) => isWanted(`${table.name}/${name}`));
  if (rows.length === 0) continue;
  const lack = findLack(table.python);
  if (lack !== false) t.comment(`${table.name}: ${lack}`);
  t.test(`what broke tipcheck in ${table.name} gives what is wanted`, { skip: lack }, async (t) => {
    const place = await createPlace(t.testdir(), shared);
    await table.prepare?.(place);
    for (const row of rows)
      await t.test(`${table.name}/${row.name}: ${row.exit.join(' or ')}, ${row.point}`, async (t) => {
        const ran = await row.run(place);
        if (ran.exitCode === notRun) return t.pass('not run', { skip: `not run here: ${ran.stdout.trim()}` });
        const faults = [...findFaults(row, ran), ...((await row.check?.(place, ran)) ?? [])];
        t.strictSame(faults, [], 'as wanted', { said: `${ran.stdout.slice(-1500)}\n${ran.stderr.slice(-1500)}` });
      });
  });
}

function isWanted(name: string): boolean {
  return asked.length > 0 ? asked.some((start) => name.startsWith(start)) : isAll || quickRows.includes(name);
}
