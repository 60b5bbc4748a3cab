import { exitWithError } from './run.ts';
import { serve } from './serve.ts';

try {
  await serve(process.env);
} catch (error) {
  exitWithError(error);
}
