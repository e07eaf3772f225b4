import type { Bug } from '../bug.js';

export const bug: Bug = {
  what: 'the smaller images of the branches are made without align_corners',
  shows: [{ golden: 'lpsnet-m', first: /^nets\.1\.0\.0\._conv$/ }],
  operators: (ops) => ({ resizeByRatio: (x, ratio) => ops.resizeByRatio(x, ratio, { alignCorners: false }) }),
};
