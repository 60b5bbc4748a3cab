import type { WriteStream } from 'node:tty';

const WIDTH = 30;
const CLEAR_LINE = '\r\u001B[K';

/** One line that shows how far something long has come; silent where nobody watches. */
export interface ProgressBar {
  update(done: number): void;
  /** Takes the line away again. */
  finish(): void;
}

/** @param stream nothing is written unless it is a terminal */
export function createProgressBar(
  total: number,
  stream: Pick<WriteStream, 'isTTY' | 'write'> = process.stderr,
): ProgressBar {
  if (!stream.isTTY) return { update: () => undefined, finish: () => undefined };
  return {
    update(done) {
      const share = total === 0 ? 1 : Math.min(1, done / total);
      const filled = Math.round(share * WIDTH);
      const bar = '█'.repeat(filled) + '░'.repeat(WIDTH - filled);
      stream.write(`${CLEAR_LINE}${bar} ${Math.floor(share * 100)} %  ${done} of ${total}`);
    },
    finish() {
      stream.write(CLEAR_LINE);
    },
  };
}
