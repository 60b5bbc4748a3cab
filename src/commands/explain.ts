import { type Command, InvalidArgumentError } from 'commander';
import { z } from 'zod';
import { readConfig } from '../config.ts';
import { VERDICTS } from '../explain/explanation.ts';
import { type ApiOptions, openApi } from './api-client.ts';
import { CommandError } from './command-error.ts';
import { textTable } from './text-table.ts';

const explanationSchema = z.object({
  verdict: z.enum(VERDICTS),
  explanation: z.string(),
  steps: z.array(z.object({ step: z.string(), as_of: z.string(), says: z.string() })),
});

interface ExplainOptions extends ApiOptions {
  company?: number;
  json?: true;
}

export function addExplainCommand(program: Command): void {
  program
    .command('explain')
    .description('say why someone got, or did not get, a message, through the API of a Vestnik that runs')
    .argument('<event>', "the event's id; a part of a broadcast is broadcast:ID:NUMBER, as the delivery log has it")
    .argument('<user>', "the user's id", id)
    .option('--company <id>', "the event's company, where the user is not known any more", id)
    .option('--url <url>', 'where Vestnik listens; else what HOST and PORT say')
    .option('--key-file <path>', 'a file that holds the key; else ADMIN_API_KEY, or the key of the sandbox here')
    .option('--json', 'print JSON as the API answers it')
    .action(explain);
}

async function explain(event: string, user: number, { company, json, ...options }: ExplainOptions): Promise<void> {
  const api = await openApi(readConfig(process.env), options);
  const query = new URLSearchParams({
    ...{ event_id: event, user_id: String(user) },
    ...(company !== undefined && { company_id: String(company) }),
  });
  const answer = await api.call('GET', `/v1/deliveries/explain?${query}`);
  process.stdout.write(json ? `${JSON.stringify(answer)}\n` : explanationText(answer));
}

/** @throws {CommandError} */
function explanationText(answer: unknown): string {
  const parsed = explanationSchema.safeParse(answer);
  if (!parsed.success)
    throw new CommandError('the answer is not what this version understands: use the vestnik of the service');
  const { verdict, explanation, steps } = parsed.data;
  const head = plain(`${verdict}: ${explanation}`);
  if (steps.length === 0) return `${head}\n`;
  const rows = steps.map(({ step, as_of, says }) => [step, as_of, says]);
  return `${head}\n\n${textTable(['STEP', 'AS OF', 'WHAT'], rows)}`;
}

/** Providers' words are in it: without what could move the cursor. */
const plain = (text: string): string => text.replace(/\p{C}+/gu, ' ');

function id(text: string): number {
  if (!/^[1-9]\d{0,9}$/.test(text)) throw new InvalidArgumentError('It must be a whole number from 1.');
  return Number(text);
}
