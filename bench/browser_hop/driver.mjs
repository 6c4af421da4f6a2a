// node driver.mjs [--messages 10000] [--side-by-side 2] [--only TEXT] [--seed 1]
//                 [--network "loss=5% burst=8"] [--associations 1,2,4] [--repeat 1]
// A paced stream between Chromium and the native transport over emulated networks of RTT 60 ms:
// those of docs/bench.md, or one of your own. For each case prints a line of JSON:
//   name, messages
//   lost      of the messages, by the emulator's own count of large packets
//   share     of those not lost, what arrived, in percent
//   p50, p99, max  one-way delay beyond the network's 30 ms, in ms
//   stalls    times that nothing arrived for longer than 200 ms
//   cpu       core-ms of the native end for a Mbit of messages
//   packets   of 1,000 bytes or more that the sender gave the network
//   refused   messages that the sender's stack had no room for
//   clock     how wrong the delays may be, in ms
// Run it as tools/node-env --modules test/interop node bench/browser_hop/driver.mjs. Needs root.
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Emulator, inside } from '../../test/interop/lib/emulator.mjs';

const RATE = 227;  // a second, of SIZE bytes: 2 Mbit/s
const SIZE = 1_100;
const SPARE_MS = 120_000;  // beyond the stream itself
const NOT_ALLOWED = 77;

const { values: options } = parseArgs({
  options: {
    messages: { type: 'string', default: '10000' },
    'side-by-side': { type: 'string', default: '2' },
    only: { type: 'string', default: '' },
    seed: { type: 'string', default: '1' },  // of the emulated losses
    network: { type: 'string' },
    associations: { type: 'string', default: '1' },
    repeat: { type: 'string', default: '1' },
  },
});
const messages = Number(options.messages);

const NETWORKS = options.network ? [[options.network, options.network]] : [
  ['no loss', 'loss=0'], ['1 % loss', 'loss=1%'], ['5 % loss', 'loss=5%'], ['10 % loss', 'loss=10%'],
  ['5 % loss in bursts of 8', 'loss=5% burst=8'],
];
const cases = NETWORKS.flatMap(([network, settings]) =>
  options.associations.split(',').map(Number).flatMap((associations) =>
    ['to the browser', 'from the browser'].flatMap((direction) =>
      Array.from({ length: Number(options.repeat) },
                 () => ({ network, settings, direction, associations })))));
for (const one of cases) {
  one.name = `${one.direction}, ${one.network}` +
    (one.associations > 1 ? `, over ${one.associations} associations` : '');
}

// One case at the hosts n<place> and p<place>.
async function run(emulator, folder, place, one) {
  const native = emulator.hosts[`n${place}`];
  const page = emulator.hosts[`p${place}`];
  await emulator.command(`link n${place} p${place} delay=30ms loss=0`);
  const [command, ...args] =
    inside(page, process.execPath, new URL('cell.mjs', import.meta.url).pathname,
           JSON.stringify({ ...one, messages, rate: RATE, size: SIZE, place, native, page }));
  const cell = spawn(command, args, {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { ...process.env, TMPDIR: folder, HOME: folder },
  });
  const timer = setTimeout(() => cell.kill('SIGTERM'), messages / RATE * 1_000 + SPARE_MS);
  let result;
  // The cell commands the emulator through us, as the interop tests do, and gives its result.
  cell.on('message', async ({ id, line, done }) => {
    if (done) {
      result = done;
      return;
    }
    try {
      cell.send({ id, answer: await emulator.command(line) });
    } catch (error) {
      cell.send({ id, error: error.message });
    }
  });
  await new Promise((resolve) => { cell.on('exit', resolve); });
  clearTimeout(timer);
  return result ?? { failed: 'the cell ended without a result' };
}

const places = Number(options['side-by-side']);
const names = Array.from({ length: places }, (_, i) => [`n${i}`, `p${i}`]).flat();
const emulator = await Emulator.create(names, Number(options.seed));
if (!emulator) {
  process.stderr.write('browser_hop: network namespaces need root\n');
  process.exit(NOT_ALLOWED);
}
const folder = await mkdtemp(join(tmpdir(), 'swarmcast-bench-'));
const queue = cases.filter(({ name }) => name.includes(options.only));
await Promise.all(Array.from({ length: places }, async (_, place) => {
  for (let one = queue.shift(); one; one = queue.shift()) {
    const result = await run(emulator, folder, place, one);
    console.log(JSON.stringify({ name: one.name, messages, ...result }));
    if (result.failed) process.exitCode = 1;
  }
}));
await emulator.stop();
await rm(folder, { recursive: true, force: true, maxRetries: 5 });
