import type { WriteStream } from 'node:tty';

const WIDTH = 30;
const CLEAR_LINE = '\r\u001B[K';

type Terminal = Pick<WriteStream, 'isTTY' | 'write'> & { columns?: number };

/** One line of a terminal that changes; silent where nobody watches. */
export interface StatusLine {
  show(text: string): void;
  /** Takes the line away again. */
  finish(): void;
}

/** @param stream nothing is written unless it is a terminal */
export function createStatusLine(stream: Terminal = process.stderr): StatusLine {
  if (!stream.isTTY) return { show: () => undefined, finish: () => undefined };
  return {
    // A line that wraps could not be taken away again.
    show: (text) => void stream.write(`${CLEAR_LINE}${stream.columns ? text.slice(0, stream.columns - 1) : text}`),
    finish: () => void stream.write(CLEAR_LINE),
  };
}

/** Such as `███░░ 60 %  3 of 5`. */
export function progressText(done: number, total: number): string {
  const share = total === 0 ? 1 : Math.min(1, done / total);
  const filled = Math.round(share * WIDTH);
  return `${'█'.repeat(filled)}${'░'.repeat(WIDTH - filled)} ${Math.floor(share * 100)} %  ${done} of ${total}`;
}

/** A status line that shows how far something long has come. */
export interface ProgressBar {
  update(done: number): void;
  finish(): void;
}

export function createProgressBar(total: number, stream?: Terminal): ProgressBar {
  const line = createStatusLine(stream);
  return { update: (done) => line.show(progressText(done, total)), finish: line.finish };
}
