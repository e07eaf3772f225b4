import { onnxVersions } from '../../../onnx/encode-graph.js';
import type { TipcStep } from '../../plan/plan.js';
import { conversionOf } from '../../steps/adapt-paddle2onnx.js';
import { quietly } from '../../steps/changes.js';
import type { Command, ScriptContext } from '../../steps/script-context.js';
import { StepRequest } from '../../text/request.js';
import { addedToInference } from './infer.js';
import { renderForTipcheck } from './render-for-tipcheck.js';

/** Of TIPC's words none is one of tipcheck's. */
const nothing = new StepRequest([]);

/** `paddle2onnx` → `tipcheck export`, of the weights in the folder of the model. */
export function translatePaddle2Onnx({ request }: TipcStep, { config }: ScriptContext): Command {
  const { modelFolder, onnxFile } = conversionOf(request);
  const weights = config.deployed?.weights ?? `${modelFolder.replace(/\/$/, '')}/model.pdparams`;
  const asked = request.value('--opset_version');
  const changes = quietly({ '--config': config.path, '--model_path': weights, '--out': onnxFile });
  if (asked !== null && asked !== String(onnxVersions.opset))
    changes.push({
      option: '--opset_version',
      to: null,
      deviation: `written in ONNX's opset ${onnxVersions.opset}, where the file asks for ${asked}`,
    });
  return {
    ...renderForTipcheck(['export'], nothing, changes, []),
    notes: ['paddle2onnx is not run: tipcheck export writes ONNX itself, of the weights that the model folder holds'],
  };
}

/** `deploy/python/infer_onnx.py` → `tipcheck infer`. */
export function translateInferOnnx({ request }: TipcStep, context: ScriptContext): Command {
  const deploy = context.config.deployed?.deploy ?? 'reports/<run-id>/configs/deploy.yaml';
  const images = request.value('--image_path') ?? '';
  const changes = quietly({ '--config': deploy, '--image_path': images, '--save_dir': context.folder });
  return {
    ...renderForTipcheck(['infer'], nothing, changes, addedToInference(context)),
    notes: [
      "pictures are transformed as deploy.yaml says, where TIPC's script takes a mean and a deviation of 0.5 for all",
    ],
  };
}
