import type { CaseResult, Measurement } from '../result.js';

/** Where to look, for the likely cause of what fails in a train bundle. */
export function explainTraining({ measurements }: CaseResult, first: Measurement): string {
  const [kind, step] = first.name.split('/');
  const failing = (wanted: string) =>
    measurements.some(
      ({ name, verdict }) => name.startsWith(`${wanted}/`) && verdict !== 'pass' && verdict !== 'uninformative',
    );
  switch (kind) {
    case 'lr':
      return 'The schedule is at fault: look at its warm-up, its end, its number of steps, and whether the first step is 0 or 1.';
    case 'loss':
      if (step === '0') {
        return 'The forward of training is at fault, or the loss: look at batch statistics, at the scaling of what is dropped, at NMF’s TRAIN_STEPS, and at the pixels that the loss is averaged over.';
      }
      return failing('grads')
        ? 'The first loss agrees and the first gradients do not: look at the gradient that is wrong nearest to the output.'
        : 'The first loss and its gradients agree, so the update is at fault: look at parameter groups, at rate multipliers, at weight decay and at clipping.';
    case 'grads':
      return 'The first loss agrees, so the way back is at fault. Gradients stand in the order of the parameters, and this is the last that is wrong, the nearest to the loss: look at the backward of this layer, and of what follows it without a parameter.';
    case 'params':
      return 'The gradients agree, so the update is at fault: look at parameter groups, at weight decay, at epsilon and at the correction of the moments.';
    default:
      return 'The parameters agree, so the running statistics are kept otherwise: 0.9 of the old and 0.1 of the batch’s, the variance the biased one.';
  }
}
