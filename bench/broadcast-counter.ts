import uWS from 'uWebSockets.js';
import { type Arrival, recipientChat } from './broadcast-work.ts';
import { serveParent } from './child-process.ts';
import { monotonicMs } from './monotonic-clock.ts';

/**
 * A Bot API that takes every message at once and keeps none, in a process of its own: it counts, and remembers in a bit whom of RECIPIENTS
 * it has reached. `GET /progress` answers how many messages came to them, to how many people, and when each STEP was full; `GET /others`
 * what came for other chats.
 */

const recipients = Number(process.env.RECIPIENTS);
const step = Number(process.env.STEP);
const reached = new Uint8Array(Math.ceil(recipients / 8));
const stepsAt: number[] = [];
let messages = 0;
let people = 0;
const others: Arrival[] = [];

const ME = { id: 424242, is_bot: true, first_name: 'Vestnik', username: 'vestnik_bench_bot' };
const CHAT_ID = /"chat_id":\s*"?(\d+)/;

function note(chat: number): void {
  const index = chat - recipientChat(0);
  if (index < 0 || index >= recipients) return void others.push({ at: monotonicMs(), chat, status: 200 });
  messages += 1;
  const bit = 1 << (index & 7);
  if (((reached[index >> 3] ?? 0) & bit) === 0) {
    reached[index >> 3] = (reached[index >> 3] ?? 0) | bit;
    people += 1;
  }
  if (messages === 1 || messages % step === 0) stepsAt.push(monotonicMs());
}

function resultOf(method: string, body: string): unknown {
  if (method.toLowerCase() === 'getme') return ME;
  if (method.toLowerCase() !== 'sendmessage') return true;
  const chat = Number(CHAT_ID.exec(body)?.[1]);
  note(chat);
  return { message_id: messages + others.length, date: 0, chat: { id: chat, type: 'private' }, text: '' };
}

const app = uWS
  .App()
  .get('/progress', (response) => {
    response.end(JSON.stringify({ messages, people, stepsAt }));
  })
  .get('/others', (response) => {
    response.end(JSON.stringify(others));
  })
  .any('/:bot/:method', (response, request) => {
    const method = request.getParameter(1) ?? '';
    let body = '';
    response.onAborted(() => undefined);
    response.onData((chunk, isLast) => {
      body += Buffer.from(chunk).toString();
      if (!isLast) return;
      const answer = JSON.stringify({ ok: true, result: resultOf(method, body) });
      response.cork(() => response.writeHeader('content-type', 'application/json').end(answer));
    });
  });

app.listen('127.0.0.1', 0, (socket) => {
  if (!socket) throw new Error('no port to listen on');
  serveParent({ url: `http://127.0.0.1:${uWS.us_socket_local_port(socket)}` }, async () => app.close());
});
