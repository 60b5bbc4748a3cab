/** A command cannot do what it was asked; the message is one line that says what to do. */
export class CommandError extends Error {
  readonly code: string = 'command_failed';
}
