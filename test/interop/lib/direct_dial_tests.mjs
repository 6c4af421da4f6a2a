// What every kind of dialler must show when it dials a native node directly.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'node:test';

const LARGEST = 1_156;  // kMaxMessageSize
const LANES = ['media', 'control'];

// Polls `look` until `good` accepts what it gives; that.
export async function eventually(look, good, limitMs = 5_000) {
  const until = performance.now() + limitMs;
  for (;;) {
    const seen = await look();
    if (good(seen)) return seen;
    if (performance.now() > until) assert.fail(`not within ${limitMs} ms: ${JSON.stringify(seen)}`);
    await sleep(20);
  }
}

// Both ends echo on both lanes, up to the largest message.
export async function echoBothWays(native, page, near, far) {
  let expected = 0;
  for (const lane of LANES) {
    for (const size of [14, 1_100, LARGEST]) {
      await page.call('echo', { link: near, lane, size, count: 5 });
      native.do('echo', { link: far, lane, size, count: 5 });
      expected += 5;
      for (const report of [() => native.report(far), () => page.call('report', { link: near })]) {
        const { largest_answer: largest } =
          await eventually(report, ({ answers }) => answers === expected);
        assert.ok(largest >= size);
      }
    }
  }
  assert.equal((await page.call('report', { link: near })).wrong_lane, 0);
}

// `page` dials `native`; the two names of the link.
export async function dial(native, page) {
  const [{ link, ours }, { link: near }] =
    await native.linkOf(() => page.call('dial', { node: native.node }));
  assert.equal(ours, false);
  return [near, link];
}

export function directDialTests(ends) {
  const native = () => ends.native;
  const page = () => ends.page;

  test('direct dial: both lanes echo, up to 1,156 bytes', async () => {
    const [near, far] = await dial(native(), page());
    await echoBothWays(native(), page(), near, far);
    await page().call('close', { link: near });
    const { reason } =
      await native().event(({ event, link }) => event === 'down' && link === far);
    assert.match(reason, /closed|left|goodbye|said/);
  });

  test('direct dial: channels announced in-band (DCEP)', async () => {
    const [{ link: far }, { link: near }] =
      await native().linkOf(() => page().call('dial', { node: native().node, dcep: true }));
    await echoBothWays(native(), page(), near, far);
    await page().call('close', { link: near });
  });

  test('direct dial: larger messages are refused, the link lives on', async () => {
    const [near, far] = await dial(native(), page());
    for (const size of [LARGEST + 1, 1_300, 20_000]) {
      await page().call('echo', { link: near, lane: 'media', size });
      await page().call('echo', { link: near, lane: 'control', size });
    }
    await page().call('echo', { link: near, lane: 'control', size: 100 });
    const report = await eventually(() => page().call('report', { link: near }),
                                    ({ answers }) => answers > 0);
    assert.equal(report.answers, 1);
    assert.equal(report.largest_answer, 100);
    assert.equal((await native().report(far)).up, true);
    await page().call('close', { link: near });
  });

  test('direct dial: the page sees the node close, and dials again', async () => {
    for (let round = 0; round < 3; ++round) {
      const [near, far] = await dial(native(), page());
      native().do('close', { link: far });
      await eventually(() => page().call('report', { link: near }), ({ closed }) => closed);
    }
  });

  // Both at once: nothing is to happen, and that takes its time.
  test('direct dial: a wrong secret or fingerprint gets no answer', async () => {
    const { node } = native();
    const secret = '00'.repeat(16);
    const fingerprint = node.fingerprint.replace(/^../, (b) => (b === '00' ? '01' : '00'));
    const from = native().events.length;
    await Promise.all([{ secret }, { fingerprint }].map((wrong) => assert.rejects(
      page().call('dial', { node: { ...node, ...wrong }, limitMs: 1_500 }), /not within/)));
    assert.ok(!native().events.slice(from).some(({ event }) => event === 'up'));
  });

  test('direct dial: five links at once', async () => {
    const links = [];
    for (let i = 0; i < 5; ++i) links.push(await dial(native(), page()));
    for (const [near, far] of links) {
      native().do('stream', { link: far, lane: 'media', rate: 100, size: 1_100, count: 50 });
      await page().call('stream', { link: near, lane: 'media', rate: 100, size: 1_100, count: 50 });
    }
    for (const [near, far] of links) {
      await eventually(() => native().report(far), ({ received }) => received === 50);
      await eventually(() => page().call('report', { link: near }),
                       ({ received }) => received === 50);
      await page().call('close', { link: near });
    }
  });
}
