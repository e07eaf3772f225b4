import { join } from 'node:path';
import { readContent } from './read-content.js';

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
  return [
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
      ...(tipc === null ? [] : [runMode(tipc, port, folder)]),
    ]),
  ];
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

/** Where there is one card its row of two is not run, and that is no fault; where there is none, nothing of it is. */
function runMode(file: string, port: string, folder: string): Stage {
  const mode = 'lite_train_lite_infer';
  const args = ['test', file, mode, '--port', port, '--device', 'gpu'];
  args.push(
    '--allow-not-run',
    'gpu',
    'mpi',
    'fp16',
    '--crop',
    '256x256',
    '--pretrained',
    'none',
    '--reports',
    join(folder, `tipc-${port}`),
  );
  return {
    name: `tipc-${port}`,
    device: 'gpu',
    args,
    expected: 0,
    shows: 'an engine',
    limitS: 180,
    mode: { file, name: mode },
  };
}
