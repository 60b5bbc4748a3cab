import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startTelegramSimulator } from '#sandbox/telegram/simulator.ts';
import { type Arrival, chatsOfBooking, isRecipient, recipientChat, scripted429s } from './broadcast-work.ts';
import { serveParent } from './child-process.ts';
import { sinceProcessStartMs } from './monotonic-clock.ts';
import { TELEGRAM_BOT_TOKEN } from './salons.ts';

/**
 * Telegram's simulator with its limits, in a process of its own. It knows the people of SALONS salons and RECIPIENTS people
 * who get the broadcast; with RANDOM_429S some of them are refused once. Asked over HTTP: `/` for the API's root,
 * `/progress` for how many chats were reached, `/record` for everything that arrived.
 */

const salons = Number(process.env.SALONS);
const recipients = Number(process.env.RECIPIENTS);
const telegram = await startTelegramSimulator({ token: TELEGRAM_BOT_TOKEN, keepMessages: 3 });
for (let salon = 0; salon < salons; salon += 1)
  for (const id of chatsOfBooking(salon)) telegram.registerUser({ id, first_name: `person ${id}` });
for (let index = 0; index < recipients; index += 1)
  telegram.registerUser({ id: recipientChat(index), first_name: `recipient ${index}` });
if (process.env.RANDOM_429S)
  for (const [chat, retryAfter] of scripted429s(recipients))
    telegram.fault(chat, { kind: 'too_many_requests', retryAfter }, { times: 1, methods: ['sendMessage'] });

const offsetMs = sinceProcessStartMs();
const arrivals = (): Arrival[] =>
  telegram
    .requests()
    .filter(({ method }) => method === 'sendmessage')
    .map(({ at, parameters, outcome }) => ({
      at: at + offsetMs,
      chat: Number(parameters.chat_id),
      status: outcome?.status ?? 0,
    }));

function progress() {
  const reached = new Set(arrivals().flatMap(({ chat, status }) => (status === 200 ? [chat] : [])));
  const ofBroadcast = [...reached].filter(isRecipient).length;
  return { recipients: ofBroadcast, people: reached.size - ofBroadcast };
}

const ANSWERS: Record<string, () => unknown> = {
  '/': () => ({ apiRoot: telegram.apiRoot }),
  '/progress': progress,
  '/record': arrivals,
};
const server = createServer((request, response) => {
  response.end(JSON.stringify(ANSWERS[request.url ?? '']?.() ?? null));
});
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  serveParent({ url: `http://127.0.0.1:${port}` }, () => telegram.stop());
});
