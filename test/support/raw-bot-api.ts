import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';

/** A Bot API that gives whatever batches it is told to, well formed or not, and takes every call. */
export interface RawBotApi {
  apiRoot: string;
  /** The texts sent, by chat. */
  sent: { chat_id: number; text: string }[];
  /** The offsets asked for. */
  offsets: number[];
}

export async function startRawBotApi(t: TestContext, batches: readonly unknown[]): Promise<RawBotApi> {
  const sent: RawBotApi['sent'] = [];
  const offsets: number[] = [];
  const left = [...batches];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    const reply = (result: unknown) => response.end(JSON.stringify({ ok: true, result }));
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(chunks).toString() || '{}');
      if (request.url?.endsWith('/getMe'))
        return void reply({ id: 424242, is_bot: true, first_name: 'V', username: 'v_bot' });
      if (request.url?.endsWith('/sendMessage')) sent.push(body);
      if (!request.url?.endsWith('/getUpdates')) return void reply(true);
      offsets.push(body.offset);
      // The last question stays open, as with a bot that nobody writes to.
      if (left.length > 0) reply(left.shift());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { apiRoot: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, sent, offsets };
}
