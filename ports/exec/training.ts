import type { StepReport, TrainingSession, TrainRequest } from '../../harness/contract/port.js';
import { UserError } from '../../harness/support/errors.js';
import type { Conversation } from './conversation.js';
import { type Exchange, inFolder, receiveArrays, writeArray, writeArrays, writeInputs } from './exchange.js';

/** Training by a program: `train`, then any number of `step` and `read`, then `end_train` (docs/port-protocol.md). */
export async function startTraining(exchange: Exchange, request: TrainRequest): Promise<TrainingSession> {
  const { program } = exchange;
  refuseWhatHasNoQuestion(request);
  const { optimizer, lrScheduler, loss, iters } = request;
  await program.ask({ op: 'train', optimizer, lr_scheduler: lrScheduler, loss, iters });
  return {
    step: ({ inputs, label, draws, gradients }, onGradient) =>
      inFolder(exchange, async (folder) => {
        const answer = await program.ask({
          op: 'step',
          ...(await writeInputs(exchange, folder, inputs)),
          label: await writeArray(folder, 'label', label),
          draws: await writeArrays(folder, 'draw', draws),
          gradients,
          folder,
        });
        const wanted = { op: 'step', key: 'gradients', what: 'gradient', names: gradients };
        await receiveArrays(exchange, answer, wanted, onGradient);
        return reportOf(program, answer);
      }),
    read: (names, onValue) =>
      inFolder(exchange, async (folder) => {
        const answer = await program.ask({ op: 'read', names, folder });
        await receiveArrays(exchange, answer, { op: 'read', key: 'values', what: 'value', names }, onValue);
      }),
    async dispose() {
      await program.ask({ op: 'end_train' });
    },
  };
}

function refuseWhatHasNoQuestion({ resume, ranks }: TrainRequest): void {
  const what = resume !== undefined ? 'go on from an optimizer state' : 'train over several ranks';
  if (resume === undefined && (ranks === undefined || ranks.size === 1)) return;
  throw new UserError(
    `Cannot ${what} with an exec: port: tipcheck-port/1 has no question for it; a built-in port is wanted`,
  );
}

function reportOf(program: Conversation, { learning_rate, loss }: Record<string, unknown>): StepReport {
  if (typeof learning_rate !== 'number')
    throw program.broken(`answered step with learning_rate ${JSON.stringify(learning_rate)}; a number is wanted`);
  // JSON has no number for what is not finite.
  if (loss === null) return { learningRate: learning_rate, loss: Number.NaN };
  if (typeof loss !== 'number')
    throw program.broken(
      `answered step with loss ${JSON.stringify(loss)}; a number, or null where it is not finite, is wanted`,
    );
  return { learningRate: learning_rate, loss };
}
