// check_size.mjs FOLDER: fails if the bundle weighs more than a phone on a bad line should load.
import { gzipSync } from 'node:zlib';
import { readBundle } from './bundle.mjs';

const KB = 1_000;
const MOST = 350 * KB;         // all of it
const MOST_ENGINE = 100 * KB;  // the engine's module

const files = (await readBundle(process.argv[2])).map(({ path, plain, packed }) =>
  ({ path, size: packed?.length ?? gzipSync(plain).length }));
let wrong = false;
const check = (what, size, most) => {
  console.log(`${what}: ${(size / KB).toFixed(1)} KB compressed, at most ${most / KB}`);
  wrong ||= size > most;
};
for (const { path, size } of files) console.log(`${String(size).padStart(8)}  ${path}`);
const sum = (some) => some.reduce((total, { size }) => total + size, 0);
check('the app', sum(files), MOST);
check('the engine', sum(files.filter(({ path }) => path.endsWith('.wasm'))), MOST_ENGINE);
process.exit(wrong ? 1 : 0);
