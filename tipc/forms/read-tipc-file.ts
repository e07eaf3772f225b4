import { UserError } from '../../harness/support/errors.js';
import { whyUnread } from '../../harness/support/explain-system.js';
import { readPlainText } from '../../harness/support/plain-file.js';
import { isTitle, parseTipcLines, type TipcLine } from '../text/lines.js';
import { refuseOtherSuites } from '../text/other-suites.js';
import { parseCpp } from './cpp.js';
import { parseDy2Static } from './dy2static.js';
import type { TipcFile } from './form.js';
import { parsePaddle2Onnx } from './paddle2onnx.js';
import { parsePtq } from './ptq.js';
import { parseServingCpp } from './serving-cpp.js';
import { parseServingPython } from './serving-python.js';
import { parseTrainInfer } from './train-infer.js';

/** Reads a TIPC text file; see `parseTipcText`. */
export async function readTipcFile(path: string): Promise<TipcFile> {
  try {
    return parseTipcText(await readPlainText(path), path);
  } catch (error) {
    if (error instanceof UserError) throw error;
    const why = whyUnread(error, path);
    throw new UserError(
      `Cannot read the TIPC text file ${path}: ${why}; a file like configs/tipc/segnext/train_infer_js.txt is wanted`,
    );
  }
}

/**
 * Parses a TIPC text file. Its first line tells the form: `===train_params===`, `===paddle2onnx_params===`, `===ptq_params===`,
 * `===serving_params===`, a name between blanks (`=== base_train ===`) for dy2static, a comment for the C++ form.
 *
 * Source: test_tipc/*.sh of PaddleSeg.
 * Differs: what the scripts would take in silence and get wrong (a line too few or too many, a value of the wrong kind, a
 * second colon) is a UserError that names file and line.
 */
export function parseTipcText(text: string, path: string): TipcFile {
  const lines = parseTipcLines(text);
  refuseOtherSuites(lines, path);
  return chooseForm(lines, path)(lines, path);
}

type ParseForm = (lines: readonly TipcLine[], path: string) => TipcFile;

function chooseForm(lines: readonly TipcLine[], path: string): ParseForm {
  const title = lines[0]?.text ?? '';
  if (/^\s*#/.test(title) || /^model_name\s+\S/.test(title)) return parseCpp;
  if (/^=+\s+\S.*\s=+\s*$/.test(title)) return parseDy2Static;
  const name = /^=+(\w+?)_params=+\s*$/.exec(title)?.[1] ?? '';
  if (name === 'serving') return lines.some(({ key }) => key === 'web_service') ? parseServingPython : parseServingCpp;
  const form = forms.get(name);
  if (form !== undefined) return form;
  if (isTitle(title) && looksLikeTrainInfer(lines)) return parseTrainInfer;
  throw new UserError(
    `Cannot read ${path}:${lines[0]?.line ?? 1}: it begins with ${JSON.stringify(title)}; a title of TIPC is wanted: ${[...forms.keys(), 'serving'].map((known) => `===${known}_params===`).join(', ')}, === <name> === (dy2static), or # (C++)`,
  );
}

/** The scripts count lines, and do not look at the title. */
function looksLikeTrainInfer([, second, third, fourth]: readonly TipcLine[]): boolean {
  return second?.key === 'model_name' && third?.key === 'python' && fourth?.key === 'gpu_list';
}

const forms: ReadonlyMap<string, ParseForm> = new Map<string, ParseForm>([
  ['train', parseTrainInfer],
  ['paddle2onnx', parsePaddle2Onnx],
  ['ptq', parsePtq],
]);
