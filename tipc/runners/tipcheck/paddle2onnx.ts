import { onnxVersions } from '../../../onnx/encode-graph.js';
import type { TipcStep } from '../../plan/plan.js';
import { conversionOf } from '../../steps/adapt-paddle2onnx.js';
import { judgedImages } from '../../steps/list-judged-images.js';
import { optionOf } from '../../steps/options.js';
import type { Command, ScriptContext } from '../../steps/script-context.js';

/** `paddle2onnx` → `tipcheck export`, of the weights in the folder of the model. */
export function translatePaddle2Onnx({ argv }: TipcStep, { config }: ScriptContext): Command {
  const { modelFolder, onnxFile } = conversionOf(argv);
  const weights = config.deployed?.weights ?? `${modelFolder.replace(/\/$/, '')}/model.pdparams`;
  const asked = optionOf(argv, '--opset_version');
  return {
    args: ['export', '--config', config.path, '--model_path', weights, '--out', onnxFile],
    deviations:
      asked === null || asked === String(onnxVersions.opset)
        ? []
        : [`written in ONNX's opset ${onnxVersions.opset}, where the file asks for ${asked}`],
    notes: ['paddle2onnx is not run: tipcheck export writes ONNX itself, of the weights that the model folder holds'],
  };
}

/** `deploy/python/infer_onnx.py` → `tipcheck infer`. */
export function translateInferOnnx({ argv }: TipcStep, context: ScriptContext): Command {
  const { config, device, port, record, folder } = context;
  const deploy = config.deployed?.deploy ?? 'reports/<run-id>/configs/deploy.yaml';
  return {
    args: [
      ...['infer', '--config', deploy, '--image_path', optionOf(argv, '--image_path') ?? '', '--save_dir', folder],
      ...['--port', port, '--device', device, '--json', record, '--keep_logits', String(judgedImages)],
    ],
    deviations: [],
    notes: [
      "pictures are transformed as deploy.yaml says, where TIPC's script takes a mean and a deviation of 0.5 for all",
    ],
  };
}
