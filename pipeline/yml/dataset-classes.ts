/**
 * Class counts that PaddleSeg's data sets fix in their own code, by `type`. A `Dataset` says its count in the yml
 * instead. Source: NUM_CLASSES in paddleseg/datasets/*.py (2.8.0).
 */
export const datasetClasses: ReadonlyMap<string, number> = new Map([
  ['ADE20K', 150],
  ['CHASEDB1', 2],
  ['Cityscapes', 19],
  ['CocoStuff', 171],
  ['DRIVE', 2],
  ['EG1800', 2],
  ['HRF', 2],
  ['MiniDeepGlobeRoadExtraction', 2],
  ['OpticDiscSeg', 2],
  ['PascalContext', 60],
  ['PascalVOC', 21],
  ['PPHumanSeg14K', 2],
  ['PSSLDataset', 1001],
  ['STARE', 2],
  ['SUPERVISELY', 2],
]);
