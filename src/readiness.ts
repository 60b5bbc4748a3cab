import type { Redis } from 'ioredis';
import type { TelegramChannel } from './channels/telegram.ts';
import type { Database } from './db/database.ts';

export interface Readiness {
  /** False before the start is complete, and without the database: send no requests here. */
  ready: boolean;
  status: 'ok' | 'degraded' | 'unavailable';
  /** What is away; work waits for it and goes on by itself. */
  reasons: string[];
}

export async function checkReadiness(deps: {
  started: boolean;
  database: Database;
  redis: Redis;
  telegram: TelegramChannel;
}): Promise<Readiness> {
  if (!deps.started) return { ready: false, status: 'unavailable', reasons: ['starting'] };
  try {
    await deps.database.ping();
  } catch {
    return { ready: false, status: 'unavailable', reasons: ['database: does not answer'] };
  }
  const trouble = deps.telegram.trouble();
  const reasons = [
    ...(deps.redis.status === 'ready' ? [] : ['redis: away; bookings are accepted, messages wait']),
    ...(trouble === null ? [] : [`telegram: ${trouble}; messages wait`]),
  ];
  return { ready: true, status: reasons.length === 0 ? 'ok' : 'degraded', reasons };
}
