/** What the engine needs of a logger; pino's fits. Fields carry ids and codes, never a message's content. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
