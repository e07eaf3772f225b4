import t from 'tap';
import { portBeforeMerge, portBeforeMergeOf } from './port-before-merge.js';

t.test('only what a merge appended is cut from a port’s name', async (t) => {
  const scoped = './node_modules/@acme/port.mjs';
  t.equal(portBeforeMerge(scoped, [scoped]), scoped);
  t.equal(portBeforeMerge(scoped, []), scoped, 'of an older run the ports are not known');
  t.equal(portBeforeMerge(`${scoped}@gpu`, [scoped]), scoped);
  t.equal(portBeforeMerge(`${scoped}@gpu`, []), scoped);
  t.equal(portBeforeMerge('port@2.mjs', ['port@2.mjs']), 'port@2.mjs');
  t.equal(portBeforeMerge('port@2.mjs@gpu', ['port', 'port@2.mjs']), 'port@2.mjs');
  t.equal(portBeforeMerge('ort@a@b', ['ort']), 'ort', 'a merge of merges');
});

t.test('of a judgement that was not merged nothing is cut', async (t) => {
  t.equal(portBeforeMergeOf('./port@2.mjs', ['judge', '--port', './port@2.mjs']), './port@2.mjs');
  t.equal(portBeforeMergeOf('./port@2.mjs@gpu', ['merge', 'cpu', 'gpu']), './port@2.mjs');
  t.equal(portBeforeMergeOf('./@acme/port.mjs', ['merge', 'cpu', 'gpu']), './@acme/port.mjs');
});
