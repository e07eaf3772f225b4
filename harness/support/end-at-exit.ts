import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { tell } from './console.js';
import { messageOf } from './errors.js';

/** What must not outlive this process. */
export interface Ending {
  end(): Promise<void>;
  /** Where no promise is waited for any more. */
  endNow(): void;
}

/**
 * Ends `ending` when this process is interrupted (SIGINT, SIGTERM, SIGHUP), which then dies by that signal, and when it
 * exits. A second signal waits for nothing.
 * @returns forgets it
 */
export function endAtExit(ending: Ending): () => void {
  if (endings.size === 0) install();
  endings.add(ending);
  return () => {
    endings.delete(ending);
    // Whoever holds nothing dies at once, as without us.
    if (endings.size === 0 && !interrupted) uninstall();
  };
}

/** Ends all that must not outlive this process. What fails is tried again, and told, when it exits. */
export async function endAll(): Promise<void> {
  await Promise.allSettled([...endings].map((ending) => ending.end()));
}

const endings = new Set<Ending>();
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
let interrupted = false;

function install(): void {
  process.on('exit', endAllNow);
  for (const name of signals) process.on(name, isIgnored(name) ? ignore : interrupt);
}

function uninstall(): void {
  process.removeListener('exit', endAllNow);
  for (const name of signals) process.removeListener(name, interrupt).removeListener(name, ignore);
}

function interrupt(name: NodeJS.Signals): void {
  if (interrupted) dieBy(name);
  else void endAll().finally(() => dieBy(name));
  interrupted = true;
}

function dieBy(name: NodeJS.Signals): void {
  endAllNow();
  process.removeListener(name, interrupt);
  process.kill(process.pid, name);
}

function endAllNow(): void {
  for (const ending of endings) {
    try {
      ending.endNow();
    } catch (error) {
      tell(`Cannot end what was started: ${messageOf(error)}; it may still be there`);
    }
  }
  endings.clear();
}

/**
 * As it was when we started: a listener that was taken away leaves the system's own action. `nohup` and shells start
 * programs with signals ignored; a listener of ours must not undo that.
 */
function isIgnored(name: (typeof signals)[number]): boolean {
  return ((ignoredSignals >> BigInt(constants.signals[name] - 1)) & 1n) === 1n;
}

const ignoredSignals = readIgnoredSignals();

function readIgnoredSignals(): bigint {
  if (process.platform !== 'linux') return 0n;
  const [, mask = '0'] = /^SigIgn:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return BigInt(`0x${mask}`);
}

function ignore(): void {
  return;
}
