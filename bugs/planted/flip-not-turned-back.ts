import { addPlanes, flipPlanes, type Planes } from '../../pipeline/infer/planes.js';
import type { Bug } from '../bug.js';

export const bug: Bug = {
  what: 'a flip that is not turned back',
  shows: [{ golden: 'street', mode: 'flip', first: /^flip\/0\/logits$/ }],
  pipeline: {
    async infer(network, image) {
      const { data, ...size } = await network(image);
      const sum: Planes = { ...size, data: data.slice() };
      const flipped = await network(flipPlanes(image, { horizontal: true, vertical: false }));
      addPlanes(sum, flipped, { horizontal: false, vertical: false });
      const { height, width } = image;
      return { ...sum, height, width, terms: [{ planes: sum, through: [image] }], divisor: 2 };
    },
  },
};
