import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeCertificates } from '#sandbox/push/certificates.ts';
import { type Bench, type Report, runBench } from './bench-run.ts';
import { type Child, startChild } from './child-process.ts';
import { topCosts } from './cpu-profile.ts';
import { times } from './engine-ratio.ts';
import { CONCURRENCY } from './push-contender.ts';
import { pushSteps } from './push-steps.ts';
import type { Case, Figures } from './rounds.ts';

/** Web Push, messages a second over local TLS, beside the npm package web-push; requests alone, and what each step costs. */

const RUN_MS = 2000;
/** Not counted: the receiver ends what has been idle for ten seconds, and connections are made anew. */
const LEAD_IN_MS = 300;
const WARM_UP_MS = 1500;
const PROFILE_MS = 4000;

const NAMES = {
  vestnik: 'Vestnik',
  agent: 'web-push, keep-alive agent',
  plain: 'web-push, as it comes',
  poster: 'Vestnik, HTTP and TLS alone',
  floor: 'one ECDH and TLS, no more',
};

async function send(child: Child, durationMs: number): Promise<{ sent: number; elapsedMs: number }> {
  const answer = await fetch(child.url, { method: 'POST', headers: { 'duration-ms': String(durationMs) } });
  if (!answer.ok) throw new Error(await answer.text());
  return (await answer.json()) as { sent: number; elapsedMs: number };
}

async function measure(child: Child, receiver: Child): Promise<Figures> {
  await send(child, LEAD_IN_MS);
  const both = () => Promise.all([child.usage(), receiver.usage()]);
  const [before, receiverBefore] = await both();
  const { sent, elapsedMs } = await send(child, RUN_MS);
  const [after, receiverAfter] = await both();
  return {
    'a second': (sent * 1000) / elapsedMs,
    'CPU µs': (after.cpuMicros - before.cpuMicros) / sent,
    'receiver CPU µs': (receiverAfter.cpuMicros - receiverBefore.cpuMicros) / sent,
  };
}

/** An authority and a certificate for localhost, where children read them. */
async function certificates(bench: Bench): Promise<Record<'CA_FILE' | 'CERT_FILE' | 'KEY_FILE', string>> {
  const { ca, cert, key } = await makeCertificates('localhost');
  const write = async (name: string, pem: string) => {
    const path = join(bench.folder, name);
    await writeFile(path, pem);
    return path;
  };
  return {
    CA_FILE: await write('ca.pem', ca),
    CERT_FILE: await write('cert.pem', cert),
    KEY_FILE: await write('key.pem', key),
  };
}

async function profile(bench: Bench, child: Child): Promise<void> {
  bench.say(`profile: ${NAMES.vestnik}`);
  await child.startProfile();
  await send(child, PROFILE_MS);
  process.stderr.write(`\n${topCosts(await child.stopProfile(), 24)}\n\n`);
}

async function compare(bench: Bench): Promise<Report> {
  const { CA_FILE, ...files } = await certificates(bench);
  const receiver = await startChild(bench, 'push-receiver', files);
  const cases: Case[] = [];
  for (const [contender, name] of Object.entries(NAMES)) {
    bench.say(`warm-up: ${name}`);
    const env = { CONTENDER: contender, PUSH_ORIGIN: receiver.url, NODE_EXTRA_CA_CERTS: CA_FILE };
    const child = await startChild(bench, 'push-process', env);
    await send(child, WARM_UP_MS);
    if (bench.profile && contender === 'vestnik') await profile(bench, child);
    cases.push({ name, run: () => measure(child, receiver) });
  }
  const results = await bench.alternate([...cases, ...pushSteps()]);
  const pace = (peer: string, ours: string = NAMES.vestnik) => times(results, 'a second', ours, peer);
  const busier = times(results, 'CPU µs', NAMES.agent, NAMES.vestnik);
  const built = times(results, 'a second', 'request alone: Vestnik', 'request alone: web-push');
  return {
    results,
    notes: [
      `Vestnik sends ${pace(NAMES.agent)} web-push's messages with an agent, ${pace(NAMES.plain)} without; ${pace(NAMES.floor)} the floor's.`,
      `A message takes web-push ${busier} Vestnik's processor time. A request alone: ${built} web-push's pace.`,
      `${CONCURRENCY} messages under way at once over as many connections, 419 B of JSON, to 1,000 devices in turn; sender and receiver are processes`,
      'of their own on the same cores. The receiver looks at the headers and answers 201, no more: its processor time is beside.',
      'The floor: a key pair and a key agreement a message, and one ready request over TLS. The steps: each alone, in a loop.',
    ],
  };
}

await runBench('push', compare);
