// One case of driver.mjs, which starts it at the page's host: the case as JSON is the argument.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { openChromium } from '../../test/interop/lib/browser.mjs';
import { Native } from '../../test/interop/lib/native.mjs';
import { network } from '../../test/interop/lib/network.mjs';
import { servePage } from '../../test/interop/lib/page_server.mjs';

const ONE_WAY_MS = 30;
const SETTLE_MS = 1_000;
const DRAIN_MS = 3_000;
const STALL_MS = 200;
const TICKS_A_SECOND = 100;  // of /proc, see sysconf(_SC_CLK_TCK)

const one = JSON.parse(process.argv[2]);
const toBrowser = one.direction === 'to the browser';
const [nativeHost, pageHost] = [`n${one.place}`, `p${one.place}`];

// Media packets that the emulator was given in the stream's direction, and lost.
async function largePackets() {
  const [from, to] = toBrowser ? [nativeHost, pageHost] : [pageHost, nativeHost];
  const { paths } = await network('stats');
  const path = paths.find((p) => p.from === from && p.to === to);
  return { sent: path?.large_in ?? 0, lost: path?.large_lost ?? 0 };
}

function coreMs(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 1_000 / TICKS_A_SECOND;
}

// Silences of the whole neighbour, whichever association ends them.
function stalls(reports) {
  const arrivals = reports.flatMap((report) => report.arrivals_ms).sort((a, b) => a - b);
  return arrivals.filter((at, i) => i > 0 && at - arrivals[i - 1] > STALL_MS).length;
}

// The one-way delays of all associations together: the median of medians would hide a slow one.
function summary(reports, offered, packets, cpu) {
  const received = reports.reduce((sum, report) => sum + report.received, 0);
  const delays = reports.flatMap((report) => report.delays_ms).sort((a, b) => a - b);
  const beyond = (share) => delays[Math.round(share * (delays.length - 1))] - ONE_WAY_MS;
  return {
    lost: packets.lost, share: 100 * received / (offered - packets.lost),
    p50: beyond(0.5), p99: beyond(0.99), max: beyond(1), stalls: stalls(reports),
    cpu: cpu / (offered * one.size * 8 / 1e6),
    // More packets than messages would be repetitions; fewer: some never left, or left in pieces.
    packets: packets.sent,
  };
}

async function measure(native, page) {
  const links = [];
  for (let i = 0; i < one.associations; ++i) {
    const [{ link }, near] = await native.linkOf(() => page.call('dial', { node: native.node }));
    links.push({ near: near.link, far: link });
  }
  await network(`link ${nativeHost} ${pageHost} ${one.settings}`);
  await sleep(SETTLE_MS);
  const before = await largePackets();
  const cpu = coreMs(native.child.pid);
  const count = Math.floor(one.messages / one.associations);
  const stream = { lane: 'media', size: one.size, rate: one.rate / one.associations, count };
  for (const { near, far } of links) {
    if (toBrowser) native.do('stream', { link: far, ...stream });
    else await page.call('stream', { link: near, ...stream });
  }
  await sleep(one.messages / one.rate * 1_000 + DRAIN_MS);
  const used = coreMs(native.child.pid) - cpu;
  const after = await largePackets();
  const reports = [];
  for (const { near, far } of links) {
    reports.push(await (toBrowser ? page.call('report', { link: near, delays: true })
                                  : native.report(far, { delays: true })));
  }
  const packets = { sent: after.sent - before.sent, lost: after.lost - before.lost };
  let refused = 0;  // by either end's sender
  for (const { near, far } of links) {
    refused += (await native.report(far)).refused;
    refused += (await page.call('report', { link: near })).refused;
  }
  return { ...summary(reports, count * one.associations, packets, used), refused,
           clock: page.clockErrorMs };
}

const server = await servePage(one.page.address);
let native;
let page;
let done;
try {
  native = await Native.start(one.native);
  page = await openChromium(server.url);
  await page.setClock();
  done = await measure(native, page);
} catch (error) {
  done = { failed: error.message };
}
await page?.close();
await native?.stop();
await server.close();
process.send({ done }, () => process.disconnect());
