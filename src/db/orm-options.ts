import { MIGRATIONS } from '#migrations/index.ts';
import { ENTITIES } from './entities.ts';

/** What both databases share: everything explicit, nothing searched for on disk, nothing created unasked. */
export const ORM_OPTIONS = {
  entities: ENTITIES,
  metadataCache: { enabled: false },
  ensureDatabase: false,
  forceUtcTimezone: true,
  /** A flush runs in the transaction of its work, and opens none. */
  implicitTransactions: false,
  migrations: { migrationsList: MIGRATIONS, snapshot: false, silent: true, disableForeignKeys: false },
} as const;
