/** What those who call the judge from their own code import: `import { readBundle, … } from 'tipcheck'`. */

export type * from './contract/device.js';
export type * from './contract/engine-report.js';
export { type Float32NdArray, float32NdArray, type NdArray } from './contract/nd-array.js';
export type * from './contract/port.js';
export type * from './contract/size-trial.js';
export type { Bundle, GoldenProbe, Noise } from './golden/bundle.js';
export { listShippedBundles, resolveBundleFolder } from './golden/list-shipped.js';
export { readBundle } from './golden/read-bundle.js';
export { listBuiltInPorts, type PortTarget, resolvePort } from './hosts/resolve-port.js';
export type * from './result/record/case-result.js';
export { blameOf } from './result/record/case-result.js';
export type * from './result/record/result.js';
export type * from './result/record/tipc-run.js';
export type * from './result/record/verdict.js';
export { type Plan, type PlanRequest, planRun } from './run/plan.js';
export { type RunListener, runPlan } from './run/run.js';
export { exitCodeOfVerdict, summariseRun } from './run/summarise.js';
export { EnvironmentError, UserError } from './support/errors.js';
