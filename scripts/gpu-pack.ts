import { parseArgs } from 'node:util';
import { out, tell } from '../harness/support/console.js';
import { EnvironmentError, messageOf, UserError } from '../harness/support/errors.js';
import { makePack } from './gpu-pack/make-pack.js';

const usage = `npm run gpu-pack [-- OPTIONS]
  --cuda 12|13        whose provider is packed, as prepare --device gpu --cuda has fetched it (default 13)
  --rehearse          no provider, but the CPU's library in its place: what runs on a card then says what it lacks
  --out FOLDER        where the pieces are written (default gpu-pack)`;

/** `npm run gpu-pack`: all that `gpu-proof` needs on a machine without a network, in pieces, with a script. */
export async function main(args: readonly string[]): Promise<number> {
  try {
    const { cuda, rehearse, folder } = readArguments(args);
    for (const piece of await makePack(rehearse ? null : cuda, folder, tell)) out(piece);
    return 0;
  } catch (error) {
    tell(messageOf(error));
    if (error instanceof UserError) return 2;
    if (error instanceof EnvironmentError) return 3;
    throw error;
  }
}

function readArguments(args: readonly string[]) {
  const options = { cuda: { type: 'string' }, rehearse: { type: 'boolean' }, out: { type: 'string' } } as const;
  const { cuda = '13', rehearse = false, out: folder = 'gpu-pack' } = parse(args, options);
  if (cuda !== '12' && cuda !== '13')
    throw new UserError(`Cannot pack CUDA ${cuda}: there is no such set; 12 or 13 is wanted`);
  return { cuda: cuda === '12' ? (12 as const) : (13 as const), rehearse, folder };
}

function parse<Options extends NonNullable<Parameters<typeof parseArgs>[0]>['options']>(
  args: readonly string[],
  options: Options,
) {
  try {
    return parseArgs({ args: [...args], options: options! }).values as {
      cuda?: string;
      rehearse?: boolean;
      out?: string;
    };
  } catch (error) {
    throw new UserError(`Cannot pack: ${messageOf(error)}\n${usage}`);
  }
}
