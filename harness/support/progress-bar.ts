/**
 * How far a long command has come, on the last line of a terminal. Elsewhere nothing is drawn: a file or a pipe has the
 * log alone.
 */
export interface ProgressBar {
  /** @param done of `total`; the time that is left is told from the pace since `what` began */
  show(what: string, done: number, total: number): void;
  /** Writes a line of the log above the bar. */
  log(line: string): void;
  clear(): void;
}

/** What of a stream is used. */
export interface Terminal {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const redrawMs = 100;
const eraseLine = '\r\x1b[2K';

export function openProgressBar(terminal: Terminal, log: (text: string) => void, now = Date.now): ProgressBar {
  let phase: Phase | null = null;
  let drawnAt = Number.NEGATIVE_INFINITY;
  let isDrawn = false;
  const clear = () => {
    if (isDrawn) terminal.write(eraseLine);
    isDrawn = false;
  };
  return {
    show(what, done, total) {
      if (terminal.isTTY !== true) return;
      if (phase?.what !== what) phase = { what, firstDone: done, startedAt: now() };
      if (now() - drawnAt < redrawMs && done < total) return;
      drawnAt = now();
      terminal.write(`${eraseLine}${renderBar(phase, done, total, now(), widthOf(terminal))}`);
      isDrawn = true;
    },
    log(line) {
      clear();
      log(`${line}\n`);
    },
    clear,
  };
}

/** A terminal that was never given a size says 0. */
function widthOf({ columns = 0 }: Terminal): number {
  return columns > 0 ? columns : 80;
}

interface Phase {
  readonly what: string;
  readonly firstDone: number;
  readonly startedAt: number;
}

/** `Training  12/150 [==>         ] 0.42 s each, 00:00:58 left`; narrower terminals lose the bar first. */
function renderBar({ what, firstDone, startedAt }: Phase, done: number, total: number, at: number, columns: number) {
  const before = `${what} ${done}/${total}`;
  const seconds = (at - startedAt) / 1000 / (done - firstDone);
  const after = done > firstDone ? `${seconds.toFixed(2)} s each, ${renderClock((total - done) * seconds)} left` : '';
  const cells = Math.min(30, columns - before.length - after.length - 6);
  if (cells < 5) return `${before} ${after}`.slice(0, columns - 1).trimEnd();
  const full = Math.floor((cells * done) / total);
  const bar = full === cells ? '='.repeat(cells) : `${'='.repeat(full)}>`.padEnd(cells);
  return `${before} [${bar}] ${after}`.trimEnd();
}

function renderClock(seconds: number): string {
  const whole = Math.round(seconds);
  return [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
}
