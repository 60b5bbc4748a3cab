#!/usr/bin/env node
// The command `vestnik`: builds when needed, with nothing on standard output, then becomes the command line.
import { ensureBuiltOrExit, runBuilt } from './build.mjs';

await ensureBuiltOrExit({ say: console.error });
await runBuilt('src/cli.js');
