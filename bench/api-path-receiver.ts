import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startTelegramSimulator } from '#sandbox/telegram/simulator.ts';
import type { MessageArrival } from './api-path-figures.ts';
import { serveParent } from './child-process.ts';
import { sinceProcessStartMs } from './monotonic-clock.ts';
import { chatOf, PEOPLE, TELEGRAM_BOT_TOKEN } from './salons.ts';

/**
 * Telegram's simulator without limits, in a process of its own; knows the people of SALONS salons. Asked over HTTP: `/` for the API's root,
 * `/count` for how many messages came since the last `/take`, which answers them.
 */

/** As a Russian message tells a booking's time, in the salons' zone (UTC+3 the whole year). */
const TOLD_TIME = /(\d\d)\.(\d\d)\.(\d{4}) (\d\d):(\d\d)/;
const ZONE_MS = 3 * 3_600_000;

const telegram = await startTelegramSimulator({
  token: TELEGRAM_BOT_TOKEN,
  rate: 'unlimited',
  keepRequests: 200_000,
  keepMessages: 5,
});
for (let salon = 0; salon < Number(process.env.SALONS); salon += 1)
  for (const role of PEOPLE) telegram.registerUser({ id: chatOf(salon, role), first_name: `${role} ${salon}` });

const offsetMs = sinceProcessStartMs();

function startOf(text: string): number {
  const [, day, month, year, hour, minute] = (TOLD_TIME.exec(text) ?? []).map(Number);
  return Date.UTC(year ?? 0, (month ?? 0) - 1, day, hour, minute) - ZONE_MS;
}

const messages = () => telegram.requests().filter(({ method }) => method === 'sendmessage');

function take(): MessageArrival[] {
  const arrivals = messages()
    .filter(({ outcome }) => outcome?.accepted)
    .map(({ at, parameters }) => ({
      at: at + offsetMs,
      chat: Number(parameters.chat_id),
      startsAt: startOf(String(parameters.text)),
    }));
  telegram.clearRequests();
  return arrivals;
}

const ANSWERS: Record<string, () => unknown> = {
  '/': () => ({ apiRoot: telegram.apiRoot }),
  '/count': () => messages().length,
  '/take': take,
};
const server = createServer((request, response) => {
  response.end(JSON.stringify(ANSWERS[request.url ?? '']?.() ?? null));
});
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  serveParent({ url: `http://127.0.0.1:${port}` }, () => telegram.stop());
});
