import { readdir, readFile } from 'node:fs/promises';
import type { CaseRow, CaseTable } from './case-row.js';
import type { Place } from './place.js';

interface Wanted {
  readonly exit: readonly number[];
  readonly says?: readonly RegExp[];
  readonly saysNot?: readonly RegExp[];
  /** Green, and the deviation is printed, stored, and in the certificate's cell. */
  readonly reduced?: true;
  readonly point: string;
}

const red = (point: string, ...says: RegExp[]): Wanted => ({ exit: [1], says, point });
const refused = (point: string, ...says: RegExp[]): Wanted => ({ exit: [2], says, point });
const reduced = (point: string, ...says: RegExp[]): Wanted => ({ exit: [0], says, reduced: true, point });
const verified = (point: string, file: RegExp): Wanted => ({ exit: [1], says: [file], point });
const nothing = 'A2 nothing learnt, counted or evaluated';
const repeated = 'A2 repeated pictures';
const exits = 'B7 exit codes';
const held = 'A3 what a run stands on';

/** Ways to break a run before it starts. */
const before: Readonly<Record<string, Wanted>> = {
  base: { exit: [0], says: [/4 of 4 steps pass/], point: 'the run without a break' },
  lr0: red(nothing, /differ/),
  valempty: refused(nothing, /tiny\.yml:\d+|val\.list/),
  trainempty: refused(nothing, /Fix: .*list/),
  valsame: reduced(repeated),
  trainsame: reduced(repeated),
  infersame: { exit: [2], says: [/street_000000/], point: repeated },
  valistrain: reduced('A2 training list'),
  inferistrain: reduced('A2 training list'),
  iters1: red(nothing, /one iteration/),
  pretrained: refused('A2 refused argument', /tiny\.txt:10/),
  classes: refused(exits),
  ignored: refused(exits),
  labelimage: refused(exits),
  cut: refused(exits),
  gone: refused(exits),
  standin: { exit: [0], says: [/stand-in/], point: 'A3 stand-in data' },
  zeroweights: red('A2 zero weights', /zero|0/),
  onemask: reduced('A2 constant mask'),
  nanweights: refused(exits),
  otherweights: refused(exits),
};

/** Ways to break what a run stored. */
const after: Readonly<Record<string, Wanted>> = {
  r_miou: verified(held, /mIoU/),
  r_row: { exit: [1, 2], point: held },
  r_model: verified(held, /segnext/),
  r_step: verified(held, /2-eval\.json/),
  r_loss: verified(held, /1-train\.json/),
  r_judge: verified(held, /judge-1/),
  r_log: verified(held, /_eval\.log/),
  r_mask: verified(held, /_results/),
  r_checkpoint: verified(held, /best_model\/model\.pdparams/),
  r_list: verified(held, /val\.list/),
  r_label: verified(held, /labelTrainIds|gtFine/),
  r_yml: verified(held, /tiny\.yml/),
  r_text: verified(held, /tiny\.txt/),
  r_merge: refused(held, /merge/),
};

export const tipcTable: CaseTable = {
  name: 'tipc',
  python: ['numpy', 'PIL'],
  rows: [
    ...Object.entries(before).map(([name, wanted]) => breakRow(name, wanted)),
    {
      ...{ name: 'itersmode', point: 'A2 iterations', exit: [0], says: [/deviation|reduced/], oneLine: false },
      run: (place: Place) => breakRun(place, 'itersmode'),
    },
    ...Object.entries(after).map(([name, wanted]) => breakRow(name, wanted)),
    {
      // The second line goes on from what was kept, the third starts anew. Refused, it prints no second figure.
      ...{ name: 'r_resume', point: held, exit: [0, 1, 2], oneLine: false },
      run: (place: Place) => breakRun(place, 'r_resume'),
      async check(place: Place) {
        const text = await readFile(place.path('breaks', 'r_resume', 'said.txt'), 'utf8');
        const found = [...text.matchAll(/mIoU: (\S+)/g)].map(([, figure]) => figure);
        if (found.length === 2) return [];
        return found.length === 3 && found[1] === found[2] ? [] : [`mIoUs ${found.join(', ')}: what was kept is old`];
      },
    },
  ],
};

function breakRow(name: string, { exit, says = [], saysNot = [], reduced, point }: Wanted): CaseRow {
  return {
    ...{ name, point, exit, says, saysNot, oneLine: false },
    run: (place) => breakRun(place, name),
    check: async (place) => [
      ...(reduced === true ? await findUnsaid(place, name) : []),
      ...(name === 'base' ? await findSaid(place) : []),
      ...(name === 'r_row' ? await findAccepted(place) : []),
      ...(name === 'standin' ? await findStandIn(place) : []),
    ],
  };
}

/**
 * Breaks that stand on no run are made where an empty folder is in the place of one, since the script makes that first.
 */
function groupOf(name: string): 'early' | 'breaks' {
  return name in before && !standOnRun.has(name) ? 'early' : 'breaks';
}

const standOnRun = new Set(['base', 'zeroweights', 'onemask', 'nanweights', 'otherweights']);

async function breakRun(place: Place, name: string) {
  const group = groupOf(name);
  if (group === 'early') await place.shell('mkdir -p early/base');
  const ran = await place.shell(`sh "$CASES/tipc/breaks.sh" ${group} ${name === 'base' ? '' : name}`);
  const said = await readFile(place.path(groupOf(name), name, 'said.txt'), 'utf8');
  const exitCode = new RegExp(`^== ${name}: exit (\\d+)`, 'm').exec(ran.stdout)?.[1];
  return { ...ran, stdout: said, stderr: ran.stderr, exitCode: exitCode === undefined ? 0 : Number(exitCode) };
}

/** What a deviation is in must say so: the run's output, what is stored, the certificate. */
async function findUnsaid(place: Place, name: string): Promise<readonly string[]> {
  const folder = place.path(groupOf(name), name);
  const said = await readFile(`${folder}/said.txt`, 'utf8');
  const { stored, cell } = await readRecord(place, name);
  return [
    ...(/deviation|reduced/.test(said) ? [] : ['the deviation is not printed']),
    ...(/"(deviations|observed)": ?\[\s*"/.test(stored) ? [] : ['the deviation is not stored']),
    ...(/\[reduced|reduced\b/.test(cell) ? [] : [`the certificate's cell is ${cell}`]),
  ];
}

async function findSaid(place: Place): Promise<readonly string[]> {
  const { stored, cell } = await readRecord(place, 'base');
  return [
    ...(/"deviations": ?\[\s*"/.test(stored) ? ['a deviation is stored, of a run without one'] : []),
    ...(/reduced|stand-in/.test(cell) ? [`the certificate's cell is ${cell}`] : []),
  ];
}

async function findAccepted(place: Place): Promise<readonly string[]> {
  const { exitCode } = await place.shell(`node "$TIPCHECK/cli/tipcheck.mjs" verify reports/*`, {
    cwd: place.path('breaks', 'r_row'),
  });
  const said = await readFile(place.path('breaks', 'r_row', 'said.txt'), 'utf8');
  return [
    ...(exitCode === 1 || exitCode === 2 ? [] : [`verify is exit ${exitCode}`]),
    ...(/render|planned|step/.test(said) ? [] : ['render accepts the record']),
  ];
}

async function findStandIn(place: Place): Promise<readonly string[]> {
  const text = await readFile(place.path('early', 'standin', 'certificate', 'certificate.md'), 'utf8');
  const row = text.split('\n').find((line) => line.startsWith('| segnext')) ?? '';
  const [, title = '', cell = ''] = row.split('|');
  return [
    ...(/stand-in/.test(title) ? [] : [`the row's title is ${title}`]),
    ...(/stand-in/.test(cell) ? [] : [`its cell is ${cell}`]),
  ];
}

async function readRecord(place: Place, name: string): Promise<{ stored: string; cell: string }> {
  const cwd = place.path(groupOf(name), name);
  const [run] = await readdir(`${cwd}/reports`).catch(() => []);
  const stored = run === undefined ? '' : await readFile(`${cwd}/reports/${run}/result.json`, 'utf8').catch(() => '');
  await place.tipcheck(['certificate', 'reports', '--out', 'certificate'], { cwd });
  const text = await readFile(`${cwd}/certificate/certificate.md`, 'utf8').catch(() => '');
  const row = text.split('\n').find((line) => line.startsWith('| segnext')) ?? 'not there';
  return { stored, cell: row };
}
