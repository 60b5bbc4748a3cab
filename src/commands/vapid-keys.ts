import type { Command } from 'commander';
import { generateVapidKeys } from '../channels/web-push/vapid-keys.ts';
import { readConfig } from '../config.ts';
import { vapidKeysOf } from '../open-web-push.ts';

interface Options {
  new?: true;
  json?: true;
}

export function addVapidKeysCommand(program: Command): void {
  program
    .command('vapid-keys')
    .description('print the keys of Web Push; the first process to need them makes them. The private one is a secret')
    .option('--new', 'print a new pair instead, which is kept nowhere; it would cut off every browser that subscribed')
    .option('--json', 'print JSON')
    .action(async (options: Options) => {
      const { publicKey, privateKey } = options.new ? generateVapidKeys() : await vapidKeysOf(readConfig(process.env));
      process.stdout.write(
        options.json
          ? `${JSON.stringify({ public_key: publicKey, private_key: privateKey })}\n`
          : `VAPID_PUBLIC_KEY=${publicKey}\nVAPID_PRIVATE_KEY=${privateKey}\n`,
      );
    });
}
