import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import t, { type Test } from 'tap';
import { EnvironmentError } from '../harness/support/errors.js';
import type { Scalars } from '../pipeline/records/scalars.js';
import { openTensorboard } from '../pipeline/records/tensorboard.js';
import { openVisualdl } from '../pipeline/records/visualdl.js';
import { ensureOracle } from '../scripts/oracle-environment.js';

t.setTimeout(600_000);

const begun = 1_700_000_000_123;
/** As `train` writes them; float32 is what both formats keep. */
const points = [
  ['Train/loss', 10, 2.5],
  ['Train/lr', 10, 6e-6],
  ['Train/loss', 20, 0.1],
  ['Train/loss', 160_000, Number.NaN],
  ['Evaluate/mIoU', 2 ** 40, 0.8104],
  ['Türe/größe', 30, -1e30],
] as const;
const expected = points.map(([tag, step, value], index) => [tag, step, Math.fround(value), begun + 1000 * index]);

const readVisualdl = `
import json, math, sys
word = lambda x: 'NaN' if math.isnan(x) else x
from visualdl import LogReader
reader = LogReader(file_path=sys.argv[1])
points = [[tag, p.id, word(p.value), p.timestamp] for tag in reader.get_tags()["scalar"] for p in reader.get_data("scalar", tag)]
from visualdl.reader.reader import is_VDLRecord_file
print(json.dumps({"points": points, "known": is_VDLRecord_file(sys.argv[1], check=True)}))
`;

const readTensorboard = `
import json, math, sys
word = lambda x: 'NaN' if math.isnan(x) else x
from tensorboard.backend.event_processing.event_file_loader import RawEventFileLoader
from tensorboard.compat.proto import event_pb2
events = [event_pb2.Event.FromString(raw) for raw in RawEventFileLoader(sys.argv[1]).Load()]
points = [[v.tag, e.step, word(v.simple_value), round(e.wall_time * 1000)] for e in events for v in e.summary.value]
print(json.dumps({"points": points, "version": events[0].file_version}))
`;

t.test("VisualDL's own LogReader reads back what was written", async (t) => {
  const path = await writePoints(t, openVisualdl);
  t.match(path, /\/vdlrecords\.\d{10}\.log$/);
  const read = await runReader(t, readVisualdl, path);
  if (read === null) return;
  t.strictSame(sorted(read.points), sorted(expected));
  t.equal(read.known, true, 'VisualDL takes the file for a log of its own');
});

t.test("TensorBoard's own reader reads back what was written, and its checksums hold", async (t) => {
  const path = await writePoints(t, openTensorboard);
  t.match(path, /\/events\.out\.tfevents\.\d{10}\./);
  const read = await runReader(t, readTensorboard, path);
  if (read === null) return;
  t.strictSame(sorted(read.points), sorted(expected));
  t.equal(read.version, 'brain.Event:2');
});

t.test('what was added is on the disk before the file is closed', async (t) => {
  for (const open of [openVisualdl, openTensorboard]) {
    const folder = t.testdir({});
    const scalars = await open(folder);
    scalars.add('Train/loss', 1, 2);
    t.match(readFileSync(join(folder, readdirSync(folder)[0]!), 'latin1'), /Train\/loss/);
    await scalars.close();
    await scalars.close();
    t.throws(() => scalars.add('Train/loss', 2, 2), /is closed/);
  }
});

t.test('a file is never written over', async (t) => {
  for (const open of [openVisualdl, openTensorboard]) {
    const folder = t.testdir({});
    const all = [await open(folder), await open(folder), await open(folder)];
    for (const scalars of all) await scalars.close();
    t.equal(readdirSync(folder).length, 3);
  }
});

t.test('a tag that VisualDL cannot keep is a sentence', async (t) => {
  const scalars = await openVisualdl(t.testdir({}));
  t.throws(() => scalars.add('50%', 1, 1), {
    name: 'UserError',
    message: /^Cannot record 50% in vdlrecords\.\d+\.log: it has a %; VisualDL wants a tag without$/,
  });
  await scalars.close();
});

async function writePoints(t: Test, open: (folder: string) => Promise<Scalars>): Promise<string> {
  const folder = join(t.testdir({}), 'output');
  const scalars = await open(folder);
  for (const [index, [tag, step, value]] of points.entries()) scalars.add(tag, step, value, begun + 1000 * index);
  await scalars.close();
  return join(folder, readdirSync(folder)[0]!);
}

interface ReadBack {
  readonly points: unknown[][];
  readonly known?: boolean;
  readonly version?: string;
}

async function runReader(t: Test, script: string, path: string): Promise<ReadBack | null> {
  try {
    const { python } = await ensureOracle((line) => t.comment(line), 'records');
    const { stdout } = await execa(python, ['-c', script, path]);
    return JSON.parse(stdout.split('\n').at(-1)!, (_key, value) => (value === 'NaN' ? Number.NaN : value)) as ReadBack;
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    t.comment(`not run: ${error.message}`);
    return null;
  }
}

function sorted(rows: readonly unknown[][]): string[] {
  return rows.map((row) => JSON.stringify(row.map((cell) => (Number.isNaN(cell) ? 'NaN' : cell)))).sort();
}
