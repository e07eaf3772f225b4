import { drawLive, liveColumns, tell } from './console.js';

/** Where a command says what it does. `step` is a line that stays; `update` is how far the step under way has come. */
export interface Progress {
  step(line: string): void;
  update(text: string): void;
}

/** How far work has come that is counted. */
export interface ProgressBar {
  /** @param done of `total`; the time that is left is told from the pace since `what` began */
  show(what: string, done: number, total: number): void;
}

/** Without a terminal an update is a line of its own, so it must be rare. */
const plainUpdateMs = 10_000;
const redrawMs = 100;

/** Live on a terminal, plain lines elsewhere. */
export function createProgress(now = Date.now): Progress {
  let last = now();
  return {
    step(line) {
      tell(line);
      last = now();
    },
    update(text) {
      const isLive = liveColumns() !== null;
      if (now() - last < (isLive ? redrawMs : plainUpdateMs)) return;
      last = now();
      if (isLive) drawLive(text);
      else tell(text);
    },
  };
}

/** On a terminal alone: a file or a pipe has the log. */
export function openProgressBar(now = Date.now): ProgressBar {
  let phase: Phase | null = null;
  let drawnAt = Number.NEGATIVE_INFINITY;
  return {
    show(what, done, total) {
      const columns = liveColumns();
      if (columns === null) return;
      if (phase?.what !== what) phase = { what, firstDone: done, startedAt: now() };
      if (now() - drawnAt < redrawMs && done < total) return;
      drawnAt = now();
      drawLive(renderBar(phase, done, total, now(), columns));
    },
  };
}

/** `271 MB`, with decimal megabytes as package indexes show them. */
export function renderMegabytes(bytes: number): string {
  return bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${Math.round(bytes / 1e6)} MB`;
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
  if (cells < 5) return `${before} ${after}`.trimEnd();
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
