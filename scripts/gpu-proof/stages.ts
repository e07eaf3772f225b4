import { join } from 'node:path';
import { namedPorts } from '../../harness/hosts/read-ports.js';
import { eagerPort } from '../../tipc/runners/tipcheck/graph-runs.js';
import { type ProofContent, readContent } from './read-content.js';

/** A run of tipcheck of its own, whose result stays whatever the next ones do. */
export interface Stage {
  /** Of its folder, too. */
  readonly name: string;
  readonly device: 'cpu' | 'gpu';
  readonly args: readonly string[];
  /** What it ends with if all is well. */
  readonly expected: 0 | 1;
  /** What its result must say beside. */
  readonly shows: 'agreement' | 'rounding to 10 bits' | 'an engine';
  readonly limitS: number;
  readonly environment?: Readonly<Record<string, string>>;
  /** Of TIPC, whose data are laid out before. */
  readonly mode?: { readonly file: string; readonly name: string };
  /** Of doctor, the ports that must run, whatever others do; absent: as its exit code says. */
  readonly ports?: readonly string[];
}

export interface StageRequest {
  readonly ports: readonly string[];
  /** Small bundles, and the CPU in place of the card. */
  readonly rehearsal: boolean;
  readonly folder: string;
}

/**
 * All that is proved, in the order in which it runs. What is of the CPU comes first, so that it is there if no card is.
 * Every case of a card runs twice: what the two differ by is its own spread.
 */
export function listStages({ ports, rehearsal, folder }: StageRequest): Stage[] {
  const card = rehearsal ? 'cpu' : 'gpu';
  const { infer, train, evaluation, tf32, tipc } = readContent(rehearsal);
  const judge = (name: string, port: string, device: 'cpu' | 'gpu', names: readonly string[]): Stage => ({
    name: `${name}-${port}`,
    device,
    args: ['judge', port, ...names, '--device', device, '--report', join(folder, `${name}-${port}`)],
    expected: 0,
    shows: 'agreement',
    limitS: 120,
  });
  const stages: readonly Stage[] = [
    {
      name: 'doctor',
      device: card,
      args: ['doctor', '--device', card, '--json'],
      expected: 0,
      shows: 'an engine',
      limitS: 60,
      ports,
    },
    ...ports.map((port) => judge('infer-cpu', port, 'cpu', infer)),
    ...ports.flatMap((port) => [
      judge('infer', port, card, infer),
      judge('infer-again', port, card, infer),
      judge('train', port, card, train),
      judge('train-again', port, card, train),
      evaluate(evaluation, port, card, folder),
      ...(tf32 === null ? [] : [withTf32(judge('tf32', port, card, [tf32]))]),
      ...(judgesExports() ? [runMode(tipc, port, card, folder)] : []),
    ]),
  ];
  // A rehearsal may run on any machine, beside other tests.
  return stages.map((stage) => ({ ...stage, limitS: stage.limitS * (rehearsal ? 5 : 1) }));
}

/** Evaluations in the four modes of testing. */
function evaluate(golden: string, port: string, device: 'cpu' | 'gpu', folder: string): Stage {
  const name = `evaluation-${port}`;
  const args = ['val', '--golden', golden, '--port', port, '--device', device, '--report', join(folder, name)];
  return { name, device, args, expected: 0, shows: 'agreement', limitS: 120 };
}

/** It must be noticed, and called by its name. */
function withTf32(stage: Stage): Stage {
  return { ...stage, expected: 1, shows: 'rounding to 10 bits', environment: { TIPCHECK_TF32: '1' } };
}

/** What this machine cannot do beside the card; null: nothing. It is no part of the proof then. */
export function describeLeftOut(): string | null {
  return judgesExports()
    ? null
    : `tipc is left out: the mode judges exported graphs beside ${eagerPort} on the CPU, which is not prepared here (npx tipcheck prepare --port ${eagerPort} --device cpu)`;
}

function judgesExports(): boolean {
  const native = namedPorts.find(({ name }) => name === eagerPort)?.native ?? null;
  return native === null || native.isReady('cpu');
}

/** Where there is one card its row of two is not run, and that is no fault; where there is none, nothing of it is. */
function runMode(
  { file, crop, iters }: ProofContent['tipc'],
  port: string,
  device: 'cpu' | 'gpu',
  folder: string,
): Stage {
  const [mode, name] = ['lite_train_lite_infer', `tipc-${port}`];
  const reduced = ['--crop', crop, '--pretrained', 'none', ...(iters === null ? [] : ['--iters', String(iters)])];
  const tolerated = ['--allow-not-run', 'gpu', 'mpi', 'fp16'];
  const args = ['test', file, mode, '--port', port, '--device', device, ...tolerated, ...reduced];
  args.push('--reports', join(folder, name));
  return { name, device, args, expected: 0, shows: 'an engine', limitS: 240, mode: { file, name: mode } };
}
