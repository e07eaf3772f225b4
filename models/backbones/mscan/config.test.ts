import t from 'tap';
import { mscanTypes, parseMscan } from './config.js';

const parse = (type: string) => parseMscan({ type }, 'a section');

t.test('what is not given has the default of the reference', async (t) => {
  t.same(parse('MSCAN_T'), {
    inChannels: 3,
    embedDims: [32, 64, 160, 256],
    depths: [3, 3, 5, 2],
    mlpRatios: [8, 8, 4, 4],
    attenKernelSizes: [7, 11, 21],
    dropRate: 0,
    dropPathRate: 0.1,
  });
});

t.test('S, B and L fix widths, depths and, but for S, the drop-path rate', async (t) => {
  t.same(parse('MSCAN'), parse('MSCAN_T'));
  t.match(parse('MSCAN_S'), { embedDims: [64, 128, 320, 512], depths: [2, 2, 4, 2], dropPathRate: 0.1 });
  t.match(parse('MSCAN_B'), { embedDims: [64, 128, 320, 512], depths: [3, 3, 12, 3], dropPathRate: 0.1 });
  t.match(parse('MSCAN_L'), { embedDims: [64, 128, 320, 512], depths: [3, 5, 27, 3], dropPathRate: 0.3 });
});

t.test('every type has its section in the schema', async (t) => {
  for (const type of mscanTypes) t.doesNotThrow(() => parse(type), type);
});
