import { Command } from 'commander';
import { addBroadcastCommands } from './commands/broadcast/broadcast.ts';
import { addDeadCommands } from './commands/dead.ts';
import { addExplainCommand } from './commands/explain.ts';
import { addKeysCommands } from './commands/keys.ts';
import { addStreamsCommand } from './commands/streams.ts';
import { addVapidKeysCommand } from './commands/vapid-keys.ts';
import { readConfig } from './config.ts';
import { createLog } from './observability/log.ts';
import { openMigrated } from './open-database.ts';
import { exitWithError } from './run.ts';

const program = new Command('vestnik')
  .description('Vestnik, the notification system of a booking business. Settings come from the environment.')
  .showHelpAfterError();

program
  .command('serve')
  .description('run the roles named in ROLES until a signal ends them')
  // The other commands are done before the whole product would be loaded.
  .action(async () => await (await import('./serve.ts')).serve(process.env));

program
  .command('migrate')
  .description('bring the database of DATABASE_URL up to date')
  .option('--json', 'print the names of the applied migrations as JSON')
  .action(async ({ json }: { json?: true }) => {
    const config = readConfig(process.env);
    const { database, applied } = await openMigrated({
      database: config.DATABASE_URL,
      log: createLog(config.LOG_LEVEL),
    });
    await database.close();
    if (json) console.log(JSON.stringify({ applied }));
    else console.log(applied.length === 0 ? 'The database is up to date.' : `Applied: ${applied.join(', ')}`);
  });

addStreamsCommand(program);
addDeadCommands(program);
addBroadcastCommands(program);
addExplainCommand(program);
addKeysCommands(program);
addVapidKeysCommand(program);

// A reader that has seen enough, such as `head`, closes the pipe.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  exitWithError(error);
});

try {
  await program.parseAsync();
} catch (error) {
  exitWithError(error);
}
