import type { Redis } from 'ioredis';
import { decodeRecords, type RecipientRecord } from '#streams/entry.ts';
import type { PartitionKeys } from '#streams/keys.ts';
import { NATURE, type World } from './world.ts';

/**
 * KEYS: lease, epoch, stream. ARGV: '1' for a digest. Answers the lease's holder, its remaining ms (once: it is kept without
 * an end, simulated time ends it), the ids in the stream, and a digest of all keys but the lease and its count.
 */
const LOOK = `
local holder = redis.call('GET', KEYS[1]) or ''
local ttl = redis.call('PTTL', KEYS[1])
if ttl > 0 then redis.call('PERSIST', KEYS[1]) end
local ids = {}
for i, entry in ipairs(redis.call('XRANGE', KEYS[3], '-', '+')) do ids[i] = entry[1] end
local digest = ''
if ARGV[1] == '1' then
  local names = redis.call('KEYS', '*')
  table.sort(names)
  for _, name in ipairs(names) do
    if name ~= KEYS[1] and name ~= KEYS[2] then digest = redis.sha1hex(digest .. name .. redis.call('DUMP', name)) end
  end
end
return { holder, ttl, ids, digest }`;

export type Reply = { value: unknown } | { error: Error };

/** Commands that read only, and the one that makes the group, which any owner may repeat. */
const HARMLESS = new Set(['xread', 'xrange', 'xrevrange', 'xlen', 'xpending', 'get', 'xgroup']);
/** Redis rounds what is left of a lease down while real time passes. */
const ROUND_MS = 100;

/** Told what happens in Redis. */
export interface Witness<Process> {
  /** Entries that are no longer in the stream. */
  onGone(ids: string[]): void;
  onLeaseTaken(process: Process): void;
  /** The lease ended by time. The ledger as it stands then, by entry id. */
  onLeaseExpired(process: Process, ledger: ReadonlyMap<string, readonly RecipientRecord[]>): void;
  /** A command that did not carry the holder's token changed what only the holder may change. */
  onTrespass(process: Process, command: readonly string[]): void;
}

/** A real Redis whose leases end by simulated time. */
export interface SimulatedServer<Process> {
  execute(process: Process, command: readonly string[]): Promise<Reply>;
  /** Looks at what others than the processes did; answers the ids in the stream. */
  refresh(): Promise<readonly string[]>;
  /** The process that holds the lease, by Redis's word. */
  holder(): Process | null;
  ids(): readonly string[];
  /** Calls back whenever the stream has grown; answers how to end that. */
  onGrowth(listener: () => void): () => void;
}

export function createSimulatedServer<Process>(options: {
  redis: Redis;
  keys: PartitionKeys;
  world: World;
  witness: Witness<Process>;
}): SimulatedServer<Process> {
  const { redis, keys, world, witness } = options;
  const listeners = new Set<() => void>();
  let token = '';
  let holder: Process | null = null;
  let ids: readonly string[] = [];
  /** Null when something may have changed since it was taken. */
  let digest: string | null = null;
  let callOff: () => void = () => undefined;

  async function look(process: Process | null, withDigest: boolean): Promise<string | null> {
    return take(process, withDigest, await redis.eval(LOOK, ...lookArguments(withDigest)));
  }

  const lookArguments = (withDigest: boolean) =>
    [3, keys.lease, keys.epoch, keys.stream, withDigest ? '1' : '0'] as const;

  function take(process: Process | null, withDigest: boolean, answer: unknown): string | null {
    const [newToken, ttl, newIds, newDigest] = answer as [string, number, string[], string];
    if (newToken !== token) {
      token = newToken;
      holder = newToken === '' ? null : process;
      callOff();
      if (holder !== null) witness.onLeaseTaken(holder);
    }
    if (ttl > 0) {
      callOff();
      callOff = world.after(NATURE, Math.ceil(ttl / ROUND_MS) * ROUND_MS, expire);
    }
    const there = new Set(newIds);
    const gone = ids.filter((id) => !there.has(id));
    if (gone.length > 0) witness.onGone(gone);
    const hasGrown = newIds.length + gone.length > ids.length;
    ids = newIds;
    if (hasGrown) for (const listener of [...listeners]) listener();
    return withDigest ? newDigest : null;
  }

  async function expire(): Promise<void> {
    const fields = Object.entries(await redis.hgetall(keys.ledger));
    const records = new Map(fields.map(([id, text]) => [id, decodeRecords(text)]));
    const before = holder;
    await redis.del(keys.lease);
    [token, holder] = ['', null];
    if (before !== null) witness.onLeaseExpired(before, records);
  }

  /** The command and a look at what came of it, in one go. */
  async function run(process: Process, [name = '', ...args]: readonly string[], withDigest: boolean) {
    const pipeline = redis
      .pipeline()
      .call(name, ...args)
      .eval(LOOK, ...lookArguments(withDigest));
    const [[error, value] = [], [blind, seen] = []] = (await pipeline.exec()) ?? [];
    if (blind) throw blind;
    const reply: Reply = error ? { error } : { value };
    return { reply, after: take(process, withDigest, seen) };
  }

  return {
    async execute(process, command) {
      const isFree = HARMLESS.has(command[0] ?? '') || (token !== '' && command.includes(token));
      if (!isFree) digest ??= await look(process, true);
      const { reply, after } = await run(process, command, !isFree);
      if (!isFree && after !== digest) witness.onTrespass(process, command);
      digest = after;
      return reply;
    },
    async refresh() {
      digest = await look(null, false);
      return ids;
    },
    holder: () => holder,
    ids: () => ids,
    onGrowth(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
