import type { PublishedMode } from '../../models/released-model.js';
import { plainTest, type TestConfig } from '../infer/test-config.js';

/** Of the reference's multi-scale evaluation: `--aug_eval --scales 0.75 1.0 1.25 --flip_horizontal`. */
const scales = [0.75, 1, 1.25];

/** What the columns of the published table mean. Source: docs/evaluation of PaddleSeg 2.8 and tools/val.py. */
export const publishedTests: Readonly<Record<PublishedMode, TestConfig>> = {
  ss: plainTest,
  flip: { ...plainTest, augmented: true, flipHorizontal: true },
  'ms+flip': { ...plainTest, augmented: true, scales, flipHorizontal: true },
};
