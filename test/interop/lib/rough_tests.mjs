// What a bad network must not break.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'node:test';
import { dial, eventually } from './direct_dial_tests.mjs';
import { network } from './network.mjs';

const RATE = 227;
const SIZE = 1_100;
const ON_THE_WAY_MS = 300;  // more than what was sent last takes to arrive

// Until each of `reports` says that all was sent, and all that will arrive has arrived.
async function streamed(reports, count) {
  for (const report of reports) await eventually(report, ({ sent }) => sent === count, 10_000);
  await sleep(ON_THE_WAY_MS);
}

export function roughTests(ends) {
  // Chromium's congestion window shrinks to one packet, so that it cuts messages in two.
  test('a blackout of 1.5 s: both directions flow again', async () => {
    const { native, page } = ends;
    await network('link native page delay=30ms');
    const [near, far] = await dial(native, page);
    const reports = [() => native.report(far), () => page.call('report', { link: near })];
    const stream = { lane: 'media', rate: RATE, size: SIZE, count: 6 * RATE };
    native.do('stream', { link: far, ...stream });
    await page.call('stream', { link: near, ...stream });
    await sleep(1_500);
    await network('cut native page 1500ms');
    await sleep(4_000);
    const counted = [await reports[0](), await reports[1]()];
    await streamed(reports, stream.count);
    const later = [await reports[0](), await reports[1]()];
    for (const i of [0, 1]) {
      assert.ok(later[i].received > counted[i].received, JSON.stringify([counted[i], later[i]]));
      assert.equal(later[i].duplicates, 0);
      assert.ok(later[i].received >= 3.5 * RATE, `${later[i].received} arrived`);
    }
    await page.call('close', { link: near });
    await network('link native page delay=0ms');
  });

  test('10 % loss in bursts both ways: nearly all that is not lost arrives', async () => {
    const { native, page } = ends;
    const [near, far] = await dial(native, page);
    await network('link native page delay=30ms loss=10% burst=3');
    const reports = [() => native.report(far), () => page.call('report', { link: near })];
    const count = 4 * RATE;
    const stream = { lane: 'media', rate: RATE, size: SIZE, count };
    native.do('stream', { link: far, ...stream });
    await page.call('stream', { link: near, ...stream });
    await streamed(reports, count);
    await network('link native page delay=0ms loss=0');
    for (const report of reports) {
      const { received } = await report();
      assert.ok(received >= 0.8 * count, `${received} of ${count} arrived`);
    }
    await page.call('close', { link: near });
  });
}
