import { existsSync } from 'node:fs';
import { modelSection, readPaddleSegConfig } from '../../pipeline/yml/paddleseg-yml.js';
import type { InputsRequest } from './inputs-request.js';

/**
 * Weights that a run reads and does not make, where they are files here: trained ones, and those that a training starts
 * from.
 */
export async function listWeights({ plan, configs, pretrained }: InputsRequest): Promise<string[]> {
  const trains = plan.steps.some(({ kind }) => kind === 'train');
  const found: string[] = [];
  for (const { request } of trains ? [] : plan.steps) found.push(request.value('--model_path') ?? '');
  for (const { path, deployed } of configs.values()) {
    if (deployed !== undefined) found.push(deployed.weights);
    if (trains) found.push(...(pretrained === null ? await namedByModel(path) : [pretrained]));
  }
  return [...new Set(found)].filter((path) => path !== '' && existsSync(path));
}

/** An address is not a file here; what was fetched from it, the training's record says. */
async function namedByModel(path: string): Promise<string[]> {
  const model = modelSection(await readPaddleSegConfig(path));
  const { pretrained } = (model.backbone ?? {}) as { readonly pretrained?: unknown };
  return [model.pretrained, pretrained].filter((one) => typeof one === 'string');
}
