// in_network.mjs SUITE: runs a suite at the host `page` of an emulated network, whose other hosts
// are `native` and `relay`. The browsers it starts run there too.
//
// ONLY=PATTERN in the environment runs the tests whose names match it.
// Whatever the suite leaves behind in its temporary folder is removed; it is ended after a limit.
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Emulator, inside } from './emulator.mjs';

const LIMIT_MS = 240_000;
const SKIPPED = 77;

const emulator = await Emulator.create(['native', 'page', 'relay']);
if (!emulator) {
  console.log('interop: skipped: network namespaces need root');
  process.exit(SKIPPED);
}
const folder = await mkdtemp(join(tmpdir(), 'swarmcast-interop-'));
const only = process.env.ONLY ? [`--test-name-pattern=${process.env.ONLY}`] : [];
const [command, ...args] = inside(emulator.hosts.page, process.execPath, '--test-reporter=spec',
                                  ...only, ...process.argv.slice(2));
const suite = spawn(command, args, {
  stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  env: { ...process.env, TMPDIR: folder, HOME: folder, HOSTS: JSON.stringify(emulator.hosts) },
});
const end = (why) => {
  console.log(`interop: ended by ${why}`);
  suite.kill('SIGTERM');
};
const timer = setTimeout(end, LIMIT_MS, 'its time limit');
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, end);
// The suite commands the emulator through us: {id, line} -> {id, answer | error}.
suite.on('message', async ({ id, line }) => {
  try {
    suite.send({ id, answer: await emulator.command(line) });
  } catch (error) {
    suite.send({ id, error: error.message });
  }
});
process.exitCode = await new Promise((resolve) => {
  suite.on('exit', (code) => resolve(code ?? 1));
});
clearTimeout(timer);
await emulator.stop();
await rm(folder, { recursive: true, force: true, maxRetries: 5 });
