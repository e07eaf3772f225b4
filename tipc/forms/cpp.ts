import { cannot } from '../../harness/support/errors.js';
import { plainFile, type TipcForm } from '../plan/form.js';
import type { TipcPlan } from '../plan/plan.js';
import { planWriter } from '../plan/writer.js';
import type { TipcFrame } from '../text/frame.js';
import { isTitle, type TipcLine } from '../text/lines.js';
import { validateKeys } from '../text/validate-keys.js';

export const form: TipcForm = {
  name: 'cpp',
  rank: 7,
  title: '# (C++)',
  modes: ['cpp_infer'],
  recognise: ([first]) => first !== undefined && /^(\s*#|model_name\s+\S)/.test(first.text),
  parse(lines, path) {
    const file = parseCpp(lines, path);
    return plainFile(file, (mode) => planCpp(file, mode));
  },
};

/** test_inference_cpp.sh: a program in C++ that reads the file itself. Keys and values stand apart by blanks. */
interface CppFile extends TipcFrame {
  readonly form: 'cpp';
  readonly useGpu: CppSetting;
  readonly useMkldnn: CppSetting;
  readonly useTensorRt: CppSetting;
  readonly useFp16: CppSetting;
  /** All settings by name, those that only the program reads among them. */
  readonly settings: ReadonlyMap<string, string>;
}

interface CppSetting {
  readonly key: string;
  readonly value: string;
  readonly line: number;
}

function parseCpp(colonLines: readonly TipcLine[], path: string): CppFile {
  const lines = colonLines.map((line) => {
    const [key = '', value = ''] = line.text.trim().split(/\s+/);
    return { ...line, key, value };
  });
  validateKeys(lines, { 2: 'model_name', 3: 'use_gpu', 7: 'use_mkldnn', 8: 'use_tensorrt', 9: 'use_fp16' }, path);
  const flag = (position: number): CppSetting => {
    const found = lines[position - 1]!;
    if (/^\d+$/.test(found.value)) return found;
    throw cannot('read', `${path}:${found.line}`, `${found.key} is ${JSON.stringify(found.value)}`, '0 or 1 is wanted');
  };
  const name = lines[1]!;
  if (name.value === '') throw cannot('read', `${path}:${name.line}`, 'model_name has no value', 'one is wanted');
  return {
    form: 'cpp',
    path,
    modelName: name.value,
    useGpu: flag(3),
    useMkldnn: flag(7),
    useTensorRt: flag(8),
    useFp16: flag(9),
    settings: new Map(
      lines.filter(({ key, text }) => !key.startsWith('#') && !isTitle(text)).map(({ key, value }) => [key, value]),
    ),
    notes: [],
  };
}

/** The script never learns its mode, so that the output folder has no level for it. */
function planCpp(file: CppFile, mode: string): TipcPlan {
  const writer = planWriter();
  const outputFolder = `./test_tipc/output/${file.modelName}/`;
  const { useGpu, useMkldnn, useTensorRt, useFp16 } = file;
  const on = ({ value }: CppSetting): boolean => Number(value) > 0;
  const parts = on(useGpu)
    ? [useGpu, ...(on(useTensorRt) ? [useTensorRt, ...(on(useFp16) ? [useFp16] : [])] : [])]
    : on(useMkldnn)
      ? [{ key: 'use_cpu' }, useMkldnn]
      : [{ key: 'use_cpu' }];
  const log = `${outputFolder}/infer_cpp_${parts.map(({ key }) => key).join('_')}.log`;
  const image = humanModels.includes(file.modelName) ? 'humanseg_demo.jpg' : 'cityscapes_demo.png';
  const own = `./test_tipc/cpp/build/seg_system ${file.path} test_tipc/cpp/${image}`;
  const command = `${own} > ${log} 2>&1 `;
  writer.step({
    kind: 'infer',
    command,
    own,
    status: { file: `${outputFolder}/results_infer_cpp.log`, model: file.modelName, command, log },
    row: {
      device: on(useGpu) ? 'gpu' : 'cpu',
      gpu: on(useGpu) ? (file.settings.get('gpu_id') ?? null) : null,
      mkldnn: on(useGpu) ? null : useMkldnn.value,
      tensorRt: on(useGpu) ? useTensorRt.value : null,
      threads: file.settings.get('cpu_math_library_num_threads') ?? null,
    },
    logPath: log,
    line: useGpu.line,
  });
  return writer.finish(file, { mode, outputFolder, banner: null });
}

/** Models whose picture is of a person; test_inference_cpp.sh names them. */
const humanModels = ['pphumanseg_lite', 'deeplabv3p_resnet50', 'fcn_hrnetw18_small'];
