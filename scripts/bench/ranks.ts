import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { execa } from 'execa';
import { messageOf } from '../../harness/support/errors.js';
import { mpirunOptions } from '../../pipeline/tools/launch.js';
import { median } from './contenders.js';
import type { Ratio } from './race.js';

export interface RanksRow {
  readonly name: string;
  /** Why it has no figures, or null. */
  readonly reason: string | null;
  /** A step of one rank with one thread. */
  readonly aloneMs: number;
  /** A step of two such ranks, which is of twice as many images. */
  readonly togetherMs: number;
  /** Images in a second of two ranks over those of one, in the same round. */
  readonly speedup: Ratio;
}

const ranks = 2;

/** How much faster two ranks train than one, with one thread each. */
export async function benchRanks(request: {
  readonly rounds: number;
  readonly say: (line: string) => void;
}): Promise<RanksRow[]> {
  const rows: RanksRow[] = [];
  for (const port of ['ort', 'tfjs']) {
    try {
      rows.push(await measurePort(port, request));
    } catch (error) {
      rows.push({ ...nothing, name: port, reason: `not run: ${messageOf(error).split('\n')[0]}` });
    }
  }
  return rows;
}

interface Round {
  readonly aloneMs: number;
  readonly togetherMs: number;
}

async function measurePort(port: string, { rounds, say }: Parameters<typeof benchRanks>[0]): Promise<RanksRow> {
  const folder = await mkdtemp(join(tmpdir(), 'tipcheck-ranks-'));
  try {
    const program = [process.execPath, join(import.meta.dirname, 'rank-steps.js'), port, String(rounds), folder];
    const mpirun = execa('mpirun', [...mpirunOptions(ranks), ...program], { cleanup: true, stdin: 'ignore' });
    const found: Round[] = [];
    for await (const line of createInterface({ input: mpirun.stdout })) {
      found.push(JSON.parse(line) as Round);
      say(`${port}, round ${found.length} of ${rounds}: ${line}`);
    }
    await mpirun;
    return rowOf(port, found);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function rowOf(name: string, rounds: readonly Round[]): RanksRow {
  const speedups = rounds.map(({ aloneMs, togetherMs }) => (ranks * aloneMs) / togetherMs);
  return {
    name,
    reason: null,
    aloneMs: median(rounds.map(({ aloneMs }) => aloneMs)),
    togetherMs: median(rounds.map(({ togetherMs }) => togetherMs)),
    speedup: { median: median(speedups), min: Math.min(...speedups), max: Math.max(...speedups) },
  };
}

const none = { median: Number.NaN, min: Number.NaN, max: Number.NaN };
const nothing = { aloneMs: Number.NaN, togetherMs: Number.NaN, speedup: none };
