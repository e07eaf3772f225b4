import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { packageRoot } from '../../harness/support/package-root.js';
import type { CaseRow, CaseTable } from './case-row.js';
import { casesFolder, type Place, type Ran, withoutLoader } from './place.js';

interface Wanted {
  readonly exit: number;
  readonly says?: readonly RegExp[];
  readonly saysNot?: readonly RegExp[];
  /** The verdicts of its probes, as try.py prints them. */
  readonly probes?: RegExp;
  /** Of judge's --timeout. A mode that hangs takes it whole. */
  readonly timeout?: number;
}

const probe = /backbone\.|logits/;
const port = /hostile\.py/;
const broken = (...says: RegExp[]): Wanted => ({ exit: 3, says: [port, /plain/, ...says] });
const hangs = (op: string): Wanted => ({ ...broken(new RegExp(`no answer to ${op}`)), timeout: 8 });
const wrong: Wanted = { exit: 1, probes: /\{'fail': 31\}/ };
const right: Wanted = { exit: 0, probes: /\{'pass': 31\}/ };

/** Programs that behave badly: each answers right but for one thing. */
const modes: Readonly<Record<string, Wanted>> = {
  ok: right,
  exit0early: broken(/ended at hello with exit code 0/),
  segv: broken(/SIGSEGV/),
  nostart: broken(/exit code 1/),
  unasked: broken(/before it was asked/),
  garbage: broken(/Loading weights/),
  hanghello: hangs('hello'),
  badkeys: broken(/answered hello without device/),
  notobject: broken(/\[1,2,3\]/),
  okstring: broken(/\bok\b.*yes/, /true or false/),
  gpuclaim: broken(/device tpu; cpu or gpu is wanted/),
  child: right,
  hugeline: { ...broken(/a line of more than \d+ bytes/), timeout: 60 },
  stderr200: { ...right, timeout: 60 },
  errnotext: broken(/failed at load: it gave no error/),
  halfline: broken(/in the middle of its answer/),
  halflinehang: hangs('infer'),
  hang: hangs('infer'),
  ignoreterm: hangs('infer'),
  segvinfer: broken(/SIGSEGV/),
  kill9: broken(/SIGKILL/),
  exit0: broken(/ended at infer with exit code 0/),
  dup: broken(/twice/),
  zeros: wrong,
  nan: wrong,
  onenan: wrong,
  shape: { ...wrong, saysNot: [/pixels changed/] },
  f8: right,
  fortran: right,
  bigendian: right,
  cheat: wrong,
  cheatpath: wrong,
  outside: broken(/outside the folder/, probe),
  etc: broken(/outside the folder/, probe),
  nofile: broken(probe, /missing|no such file|not there/),
  fifo: { ...broken(probe, /no plain file|not a (plain|regular) file/), timeout: 8 },
  devzero: { ...broken(probe, /outside the folder/), timeout: 8 },
  empty: broken(probe),
  trunc: broken(probe),
  big: { ...broken(probe), timeout: 60 },
  extra: broken(/backbone\.nonsense/),
  pickle: broken(probe),
  wrongid: broken(/answered infer without probes/),
  listprobes: broken(/a list; an object .*is wanted/),
  exitafter: broken(/ended at infer with exit code 7/),
  nodispose: hangs('dispose'),
  noclose: right,
};

export const portsTable: CaseTable = {
  name: 'ports',
  python: ['numpy'],
  prepare: (place) => place.putBundles(),
  rows: [
    ...Object.entries(modes).map(([mode, wanted]) => modeRow(mode, wanted)),
    ...['hang', 'ignoreterm'].flatMap((mode) => [
      signalRow(mode, 'SIGINT', 130),
      signalRow(mode, 'SIGTERM', 143),
      signalRow(mode, 'SIGKILL', 137),
    ]),
  ],
};

function modeRow(mode: string, { exit, says = [], saysNot = [], probes, timeout = 30 }: Wanted): CaseRow {
  return {
    ...{ name: mode, point: `D15 a port's processes`, exit: [exit], says, saysNot, oneLine: false },
    async run(place) {
      const report = place.path('reports', mode);
      const options = `--timeout ${timeout} --report "${report}"`;
      const ran = await place.shell(`BUNDLE=bundles/plain python3 "$CASES/ports/try.py" ${mode} -- ${options}`);
      // try.py cuts what it prints.
      const whole = await readFile(join(report, 'result.json'), 'utf8').catch(() => '');
      const exitCode = Number(/^== \w+: exit (-?\d+)/m.exec(ran.stdout)?.[1] ?? Number.NaN);
      return { ...ran, stdout: `${ran.stdout}\n${whole}`, exitCode };
    },
    async check(_place, { stdout }) {
      const [, verdicts, left] = /^== \w+: exit \S+ \d+ s, (.+); (processes left: .+)$/m.exec(stdout) ?? [];
      return [
        ...(isNothing(left) ? [] : [`${left}; nothing is wanted`]),
        ...(probes === undefined || probes.test(verdicts ?? '') ? [] : [`verdicts ${verdicts}; ${probes} is wanted`]),
      ];
    },
  };
}

/** The files that `outside` writes are its own. */
function isNothing(left: string | undefined): boolean {
  return /^processes left: \[\]; files left: \[(, |'outside-\d+\.npy')*\]$/.test(left ?? '');
}

/** tipcheck itself is interrupted while the port hangs at infer. */
function signalRow(mode: string, signal: NodeJS.Signals, exit: number): CaseRow {
  const tag = `tipcheck-cases-${process.pid}-${mode}-${signal}`;
  return {
    ...{ name: `${mode} ${signal}`, point: `D15 a port's processes`, exit: [exit], oneLine: false },
    run: (place) => interrupt(place, mode, signal, tag),
    async check(place) {
      // After SIGKILL nobody is left to tidy up: the next run does it.
      if (signal === 'SIGKILL') await judgeIn(place, 'ok', tag);
      await sleep(1000);
      const processes = listMarked(tag);
      const folders = readdirSync(temporaryOf(place, tag));
      for (const pid of processes) process.kill(pid, 'SIGKILL');
      return [
        ...(processes.length === 0 ? [] : [`processes ${processes.join(', ')} are left`]),
        ...(folders.length === 0 ? [] : [`folders ${folders.join(', ')} are left`]),
      ];
    },
  };
}

async function interrupt(place: Place, mode: string, signal: NodeJS.Signals, tag: string): Promise<Ran> {
  await place.shell(`mkdir -p "${temporaryOf(place, tag)}"`);
  const began = performance.now();
  const running = judgeIn(place, mode, tag);
  const until = Date.now() + 60_000;
  const isAtInfer = () =>
    readdirSync(temporaryOf(place, tag), { recursive: true }).some((name) => /run-\w+$/.test(String(name)));
  while (!isAtInfer() && Date.now() < until) await sleep(100);
  await sleep(1500);
  running.kill(signal);
  const { exitCode, stdout, stderr, signal: endedBy } = await running;
  const byKill = endedBy === undefined ? null : { SIGINT: 130, SIGTERM: 143, SIGKILL: 137 }[String(endedBy)];
  return { exitCode: exitCode ?? byKill ?? null, stdout, stderr, seconds: (performance.now() - began) / 1000 };
}

function judgeIn(place: Place, mode: string, tag: string) {
  const bundle = place.path('bundles', 'plain');
  const program = `exec:python3 "${join(casesFolder, 'ports', 'hostile.py')}" ${mode}`;
  const tipcheck = [process.execPath, join(packageRoot, 'cli', 'tipcheck.mjs')];
  const args = [...withoutLoader, ...tipcheck, 'judge', program, bundle, '--timeout', '60'];
  const env = { TIPCHECK_SKIP_ENSURE: '1', TMPDIR: temporaryOf(place, tag), HOSTILE: tag, BUNDLE: bundle };
  return execa('env', args, { reject: false, stdin: 'ignore', env, timeout: 120_000 });
}

const temporaryOf = (place: Place, tag: string): string => place.path(`tmp-${tag}`);

/** Processes that carry our mark in their environment. */
function listMarked(tag: string): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(tag);
      } catch {
        return false; // It has ended, or is another user's.
      }
    })
    .map(Number);
}
