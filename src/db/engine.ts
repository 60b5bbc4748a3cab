import type { SqlEntityManager } from '@mikro-orm/better-sqlite';
import type { BeginWrite } from './group-commit.ts';

/** What the two kinds of database do each in its own way. */
export interface Engine {
  begin: BeginWrite;
  /** A fork on the reading connections. */
  read(): SqlEntityManager;
  /** A fork for statements that may take long. */
  survey(): SqlEntityManager;
  /** Applies pending migrations under a lock that other processes respect; answers their names. */
  migrate(): Promise<string[]>;
  close(): Promise<void>;
}
