import { createECDH } from 'node:crypto';
import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';
import type { PushRequest } from '#src/channels/web-push/push-request.ts';
import type { PushContender, PushReceiver } from './push-contender.ts';
import { createRequestBuilder } from './push-request.ts';

const ACCEPTED = Buffer.from('HTTP/1.1 201 ');

/**
 * What no sender can do without: a key pair and a key agreement a message, and its bytes over TLS. The request is always
 * the same one; of the answer only the first line is looked at.
 */
export function createFloor({ origin, ca }: PushReceiver): PushContender {
  const { host, hostname, port } = new URL(origin);
  const builder = createRequestBuilder(origin);
  const sender = createECDH('prime256v1');
  const open = new Set<TLSSocket>();
  const idle: TLSSocket[] = [];
  let request: Buffer | undefined;

  async function connectOne(): Promise<TLSSocket> {
    const socket = connect({ host: hostname, port: Number(port), ca, servername: hostname }).setNoDelay(true);
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    await once(socket, 'secureConnect');
    return socket;
  }

  /** The receiver ends what has been idle for ten seconds. */
  function idleOne(): TLSSocket | undefined {
    for (;;) {
      const socket = idle.pop();
      if (!socket || open.has(socket)) return socket;
    }
  }

  return {
    async send(target) {
      request ??= asWritten(host, builder.build(target));
      sender.generateKeys();
      sender.computeSecret(Buffer.from(target.p256dh, 'base64url'));
      const socket = idleOne() ?? (await connectOne());
      socket.write(request);
      await accepted(socket);
      idle.push(socket);
    },
    stop: async () => open.forEach((socket) => void socket.destroy()),
  };
}

function accepted(socket: TLSSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    const onClose = () => reject(new Error('the receiver closed the connection'));
    socket.once('close', onClose);
    socket.once('data', (chunk: Buffer) => {
      socket.off('close', onClose);
      if (chunk.subarray(0, ACCEPTED.length).equals(ACCEPTED)) resolve();
      else reject(new Error(chunk.toString()));
    });
  });
}

/** As HTTP/1.1 has it on the wire. */
function asWritten(host: string, { path, headers, body }: PushRequest): Buffer {
  const lines = [`POST ${path} HTTP/1.1`, `host: ${host}`, 'connection: keep-alive'];
  for (let at = 0; at < headers.length; at += 2) lines.push(`${headers[at]}: ${headers[at + 1]}`);
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\ncontent-length: ${body.length}\r\n\r\n`), body]);
}
