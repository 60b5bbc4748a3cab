import { badRequest } from './api-error.ts';
import { isObject, jsonParameter, type Parameters, textParameter } from './parameters.ts';

export interface BotCommand {
  command: string;
  description: string;
}

/** Whom a list of commands is for; left out, it is everybody (Bot API, BotCommandScope). */
export interface CommandPlace {
  scope?: { type: string };
  language_code?: string;
}

const MAX_COMMANDS = 100;
const COMMAND = /^[a-z0-9_]{1,32}$/;
const DESCRIPTION_MAX_UNITS = 256;

/** Reads `commands` of setMyCommands (Bot API, BotCommand). */
export function readBotCommands(parameters: Parameters): BotCommand[] {
  const given = jsonParameter(parameters, 'commands', () => badRequest("can't parse commands JSON object")) ?? [];
  if (!Array.isArray(given)) throw badRequest('expected an Array of BotCommand');
  if (given.length > MAX_COMMANDS) throw badRequest('BOT_COMMANDS_TOO_MUCH');
  return given.map((item: unknown) => {
    if (!isObject(item)) throw badRequest("can't parse BotCommand: expected an Object");
    const { command, description } = item;
    if (typeof command !== 'string') throw badRequest('can\'t parse BotCommand: Can\'t find field "command"');
    if (typeof description !== 'string') throw badRequest('can\'t parse BotCommand: Can\'t find field "description"');
    const name = command.replace(/^\//, '');
    if (!COMMAND.test(name)) throw badRequest('BOT_COMMAND_INVALID');
    if (description === '' || description.length > DESCRIPTION_MAX_UNITS)
      throw badRequest('BOT_COMMAND_DESCRIPTION_INVALID');
    return { command: name, description };
  });
}

/** One list is kept for each scope and language. */
export function commandsKey(parameters: Parameters): string {
  return `${textParameter(parameters, 'scope')} ${textParameter(parameters, 'language_code')}`;
}
