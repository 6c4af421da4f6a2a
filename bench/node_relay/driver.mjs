// npm ci, then: node driver.mjs [--children 5] [--kbps 2000] [--bytes 1100] [--seconds 10]
//
// Offers a stream to relay.mjs, which forwards it to so many receivers over loopback, every one of
// them a process of its own, and prints the relay process's own cost as one line of JSON:
//   core_ms_per_mbit  user and system time a megabit sent to children
//   relayed_mbit      sent to all children together
//   received_share    of that, what arrived (the rest was still under way, or lost)
//   seconds, children, offered_kbps
// Exits with 1 if the links do not come up or nothing flows.
import { fork } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    children: { type: 'string', default: '5' },
    kbps: { type: 'string', default: '2000' },
    bytes: { type: 'string', default: '1100' },
    seconds: { type: 'string', default: '10' },
  },
});
const children = Number(values.children);
const seconds = Number(values.seconds);
const kbps = Number(values.kbps);
const SETTLE_MS = 2_000;
const STEP_LIMIT_MS = 15_000;

const workers = new Map();
const waiting = []; // {from, key, resolve}

function fail(sentence) {
  process.stderr.write(`node_relay: ${sentence}\n`);
  for (const worker of workers.values()) worker.kill('SIGKILL');
  process.exit(1);
}

function start(name, script, args = []) {
  const worker = fork(new URL(script, import.meta.url), args);
  workers.set(name, worker);
  worker.on('exit', (code) => { if (code) fail(`${name} ended with code ${code}`); });
  worker.on('message', (message) => {
    if (message.to !== 'driver') {
      workers.get(message.to)?.send({ ...message, from: name });
      return;
    }
    const index = waiting.findIndex((w) => w.from === name && w.key in message);
    if (index >= 0) {
      const [{ key, resolve }] = waiting.splice(index, 1);
      resolve(message[key]);
    };
  });
  return answer(name, 'ready');
}

// The next message of worker `from` that has `key`.
function answer(from, key) {
  return new Promise((resolve) => {
    const limit = setTimeout(
      () => fail(`no "${key}" from ${from} within ${STEP_LIMIT_MS / 1000} s`), STEP_LIMIT_MS);
    waiting.push({ from, key, resolve: (value) => { clearTimeout(limit); resolve(value); } });
  });
}

function ask(name, message, key) {
  const promise = answer(name, key);
  workers.get(name).send(message);
  return promise;
}

const sinks = Array.from({ length: children }, (_, i) => `sink${i}`);
await start('relay', 'relay.mjs');
for (const sink of sinks) {
  await start(sink, 'sink.mjs');
  await ask('relay', { child: sink }, 'opened');
}
await Promise.all([answer('source', 'opened'),
                   start('source', 'source.mjs', [String(kbps), values.bytes])]);
workers.get('source').send({ offer: true });
await sleep(SETTLE_MS);

const count = async () => {
  const all = await Promise.all(sinks.map((sink) => ask(sink, { count: true }, 'received')));
  return all.reduce((sum, bytes) => sum + bytes, 0);
};
const receivedBefore = await count();
workers.get('relay').send({ start: true });
const began = performance.now();
await sleep(seconds * 1000);
const measured = await ask('relay', { finish: true }, 'measured');
const elapsed = (performance.now() - began) / 1000;
const received = (await count()) - receivedBefore;
for (const worker of workers.values()) worker.kill('SIGKILL');

if (measured.bytesOut === 0) fail('nothing was relayed');
const mbit = (measured.bytesOut * 8) / 1e6;
const round = (value, digits) => Number(value.toFixed(digits));
console.log(JSON.stringify({
  core_ms_per_mbit: round(measured.coreMs / mbit, 2),
  relayed_mbit: round(mbit, 2),
  received_share: round(received / measured.bytesOut, 4),
  seconds: round(elapsed, 2),
  children,
  offered_kbps: kbps,
}));
