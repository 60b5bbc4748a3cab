/** Reads the answers of an HTTP/1.1 connection on which one request is under way at a time. */
export interface AnswerReader {
  /** Takes a piece of what came; answers the status when it completes an answer. @throws for what no server should send */
  take(piece: Buffer): number | undefined;
}

const HEAD_END = Buffer.from('\r\n\r\n');
const STATUS = /^HTTP\/1\.1 (\d{3})/;
const LENGTH = /\r\ncontent-length: *(\d+)/i;

/** Knows bodies with Content-Length only: that is what the measured servers send. */
export function createAnswerReader(): AnswerReader {
  let head: Buffer | undefined;
  let status = 0;
  /** Of the body; NaN while the head is not complete. */
  let missing = Number.NaN;

  function readHead(piece: Buffer): void {
    head = head ? Buffer.concat([head, piece]) : piece;
    const end = head.indexOf(HEAD_END);
    if (end === -1) return;
    const text = head.toString('latin1', 0, end);
    status = Number(STATUS.exec(text)?.[1]);
    const length = status === 204 ? 0 : Number(LENGTH.exec(text)?.[1]);
    if (Number.isNaN(status + length)) throw new Error(`an answer without status or length: ${text}`);
    missing = length - (head.length - end - HEAD_END.length);
    head = undefined;
  }

  return {
    take(piece) {
      if (Number.isNaN(missing)) readHead(piece);
      else missing -= piece.length;
      if (missing < 0) throw new Error('more came than one answer');
      if (missing !== 0) return undefined;
      missing = Number.NaN;
      return status;
    },
  };
}
