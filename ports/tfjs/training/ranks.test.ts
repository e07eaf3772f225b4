import t from 'tap';
import { testRanks } from '../../../training/ranks-for-tests.js';
import { findTfjsAddon } from '../addon.js';

if (findTfjsAddon('cpu') === null) {
  t.comment('not run: the addon of tfjs-node-gpu is not prepared; npx tipcheck prepare --port tfjs');
} else testRanks(import.meta.resolve('./start-for-tests.js'), process.env.TIPCHECK_TEST_ALL === '1');
