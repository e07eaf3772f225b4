import type { Bug } from '../bug.js';
import { withRoundedProducts } from '../with-rounded-products.js';

export const bug: Bug = {
  what: 'products of TF32: convolutions and matrix products read 10 bits',
  shows: [{ golden: 'segnext-t', first: /^backbone\.patch_embed1\.proj\.0$/, bits: 10 }],
  ...withRoundedProducts(10),
};
