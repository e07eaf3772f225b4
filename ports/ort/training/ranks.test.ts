import t from 'tap';
import { findEngine } from '../../../harness/setup/engines.js';
import { testRanks } from '../../../training/ranks-for-tests.js';
import { onnxruntimeNode } from '../engine.js';

if (findEngine(onnxruntimeNode) === null) {
  t.comment('not run: onnxruntime-node is not prepared; npx tipcheck prepare --port ort');
} else testRanks(import.meta.resolve('./start-for-tests.js'), process.env.TIPCHECK_TEST_ALL === '1');
