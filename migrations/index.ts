import type { MigrationObject } from '@mikro-orm/core';
import { Foundation } from './0001-foundation.ts';

/** In the order they are applied. A name that was ever released is never changed: databases remember it. */
export const MIGRATIONS: MigrationObject[] = [{ name: '0001-foundation', class: Foundation }];
