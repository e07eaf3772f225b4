import t from 'tap';
import { isPortNamed, portBeforeMerge } from './port-before-merge.js';

t.test('only what a merge appended is cut from a port’s name', async (t) => {
  const merged = ['merge', 'cpu', 'gpu'];
  t.equal(portBeforeMerge('ort@gpu', merged), 'ort');
  t.equal(portBeforeMerge('./port@2.mjs@gpu', merged), './port@2.mjs');
  t.equal(portBeforeMerge('./@acme/port.mjs', merged), './@acme/port.mjs');
  t.equal(portBeforeMerge('ort@a@m', ['merge', 'm', 'c', 'a', 'b']), 'ort', 'a merge of merges');
  t.equal(portBeforeMerge('ort@b@2', ['merge', '2', 'b@2']), 'ort', 'the longer name goes first');
});

t.test('of a run that was not merged nothing is cut', async (t) => {
  t.equal(portBeforeMerge('./port@2.mjs', ['judge', '--port', './port@2.mjs']), './port@2.mjs');
  t.equal(portBeforeMerge('ort@gpu', ['test', 'ort@gpu', 'gpu']), 'ort@gpu');
});

t.test('a port has its own name, and the one from before a merge', async (t) => {
  t.ok(isPortNamed('ort@gpu', 'ort', ['merge', 'cpu', 'gpu']));
  t.ok(isPortNamed('ort@gpu', 'ort@gpu', ['merge', 'cpu', 'gpu']));
  t.notOk(isPortNamed('ort@gpu', 'ort', ['judge', 'ort@gpu']));
});
