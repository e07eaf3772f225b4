import { cpus, totalmem } from 'node:os';

/** The machine that this process runs on, as a result holds it. */
export function describeMachine() {
  const processors = cpus();
  return {
    platform: `${process.platform} ${process.arch}`,
    cpu: processors[0]?.model ?? 'unknown',
    cores: processors.length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    node: process.version,
  };
}
