/** Rows of the normal run: some of each table, a minute together. All others run with TIPCHECK_TEST_ALL=1. */
export const quickRows: readonly string[] = [
  ...['judge/plain zeros', 'judge/noise10 zeros', 'judge/dupjson ort', 'judge/noise_nan ort', 'judge/device bogus'],
  ...['ports/ok', 'ports/segvinfer', 'ports/fortran', 'ports/etc'],
  ...['onnx/lfs judge', 'onnx/truncated val', 'onnx/argmax judge', 'onnx/classes_reversed val'],
  ...['files/g label_padding_value', 'files/lrsci', 'files/bom.txt lite_train_lite_infer', 'files/float32.tif predict'],
  ...['tipc/trainempty', 'tipc/pretrained'],
  ...['attack/laughs.yml', 'attack/png of 2147483647 x 1', 'attack/raw key in case.json', 'attack/model_name with ..'],
];
