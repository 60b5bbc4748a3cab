import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';

interface Reply {
  status: number;
  /** Sent as JSON; undefined for an empty body. */
  body: unknown;
}

/** A server that answers every request as it is told, and keeps what was asked. */
export async function startDouble(t: TestContext, answer: () => Reply | Promise<Reply>) {
  const requests: { method: string | undefined; url: string | undefined; authorization: string | undefined }[] = [];
  const server = createServer(async ({ method, url, headers }, response) => {
    requests.push({ method, url, authorization: headers.authorization });
    const { status, body } = await answer();
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { requests, port: String(port), url: `http://127.0.0.1:${port}` };
}
