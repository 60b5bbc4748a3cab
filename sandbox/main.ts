import { readConfig } from '#src/config.ts';
import { createLog } from '#src/observability/log.ts';
import { exitWithError, stopOnSignal } from '#src/run.ts';
import { createSandbox } from './sandbox.ts';

const SHARED = `
The phones are those of another sandbox in this folder; when that one ends, messages from here wait.
`;

try {
  const config = readConfig({ ...process.env, LOG_LEVEL: process.env.LOG_LEVEL || 'warn' });
  const log = createLog(config.LOG_LEVEL);
  const sandbox = createSandbox({ config, log });
  stopOnSignal(sandbox, log);
  const { apiUrl, adminApiKey, phonesUrl, sharesPhones, redisCli, curl, pushClient } = await sandbox.start();
  console.log(`
Vestnik runs in the sandbox: no token needed, no message leaves this machine but to a browser that subscribes.

  Phones   ${phonesUrl}
  API      ${apiUrl}   (key: ${adminApiKey})
  Redis    ${redisCli ?? 'as in REDIS_URL'}
${sharesPhones ? SHARED : ''}
Open the phones, then book a haircut:

${curl}

${pushClient.name} has a browser instead of Telegram: book with "client_id":${pushClient.id} to see her notification.

Ctrl-C stops everything.
`);
} catch (error) {
  exitWithError(error);
}
