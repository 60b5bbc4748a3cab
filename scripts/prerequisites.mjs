// Runs before every install (`preinstall`), so it uses nothing that npm has to bring.
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const OLDEST_NODE = [20, 19];
const SQLITE_BINARY = 'node_modules/better-sqlite3/build/Release/better_sqlite3.node';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1])) {
  console.error(`Vestnik needs Node.js ${OLDEST_NODE.join('.')} or newer; this is ${process.versions.node}.`);
  process.exit(1);
}

if (!existsSync(SQLITE_BINARY)) {
  const missing = ['python3', 'make', 'g++'].filter((tool) => !isOnPath(tool));
  console.error(
    'better-sqlite3 compiles for about a minute where its prebuilt binary cannot be downloaded' +
      (missing.length === 0
        ? '.'
        : `; that needs ${missing.join(', ')}, missing here (Debian: apt-get install python3 make g++).`),
  );
}

/** @param {string} tool */
function isOnPath(tool) {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => folder !== '' && existsSync(join(folder, tool)));
}
