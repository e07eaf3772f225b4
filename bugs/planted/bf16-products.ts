import type { Bug } from '../bug.js';
import { withRoundedProducts } from '../with-rounded-products.js';

export const bug: Bug = {
  what: 'products of bf16: convolutions and matrix products read 7 bits',
  shows: [{ golden: 'segnext-t', first: /^backbone\.patch_embed1\.proj\.0$/, bits: 7 }],
  ...withRoundedProducts(7),
};
