import { startTelegramSimulator } from '#sandbox/telegram/simulator.ts';
import { serveParent } from './child-process.ts';
import { chatOf, PEOPLE, TELEGRAM_BOT_TOKEN } from './salons.ts';

/** Telegram's simulator without limits, in a process of its own; knows the people of SALONS salons. */

const telegram = await startTelegramSimulator({
  token: TELEGRAM_BOT_TOKEN,
  rate: 'unlimited',
  keepRequests: 0,
  keepMessages: 5,
});
for (let salon = 0; salon < Number(process.env.SALONS); salon += 1)
  for (const role of PEOPLE) telegram.registerUser({ id: chatOf(salon, role), first_name: `${role} ${salon}` });
serveParent({ url: telegram.apiRoot }, () => telegram.stop());
