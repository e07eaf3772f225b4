/** Where the set-up says what it does. `step` is a line that stays; `update` is how far the step under way has come. */
export interface Progress {
  step(line: string): void;
  update(text: string): void;
}

/** Without a terminal an update is a line of its own, so it must be rare. */
const plainUpdateMs = 10_000;
const terminalUpdateMs = 100;

/** Live on a terminal, plain lines elsewhere. */
export function createProgress(stream: NodeJS.WriteStream): Progress {
  const live = stream.isTTY === true;
  let last = Date.now();
  let drawn = false;
  return {
    step(line) {
      stream.write(`${drawn ? '\r\x1b[2K' : ''}${line}\n`);
      drawn = false;
      last = Date.now();
    },
    update(text) {
      if (Date.now() - last < (live ? terminalUpdateMs : plainUpdateMs)) return;
      last = Date.now();
      stream.write(live ? `\r\x1b[2K${text}` : `${text}\n`);
      drawn = live;
    },
  };
}

/** `271 MB`, with decimal megabytes as package indexes show them. */
export function renderMegabytes(bytes: number): string {
  return bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${Math.round(bytes / 1e6)} MB`;
}
