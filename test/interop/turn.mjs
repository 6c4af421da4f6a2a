// Links through coturn, over UDP and over TCP, where the two ends cannot reach each other.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openChromium } from './lib/browser.mjs';
import { Coturn } from './lib/coturn.mjs';
import { echoBothWays } from './lib/direct_dial_tests.mjs';
import { Native } from './lib/native.mjs';
import { hosts, network } from './lib/network.mjs';
import { nativeOffers, pageOffers } from './lib/prepared_tests.mjs';
import { startSuite } from './lib/suite.mjs';

const ends = startSuite(openChromium);
let coturn;

before(async () => {
  coturn = await Coturn.start(hosts.relay);
  await network('cut native page on');
});
after(async () => { await coturn?.stop(); });

// The page's and the native end's configuration for one server.
const forPage = (tcp) => ({
  iceTransportPolicy: 'relay',
  iceServers: [{ urls: `turn:${coturn.endpoint}?transport=${tcp ? 'tcp' : 'udp'}`,
                 username: coturn.user, credential: coturn.password }],
});
// Lets the page learn an address to name. Without one, its mDNS candidates give our TURN server
// nobody to let through (RFC 8656, 9), and no link to a relayed node can open.
const forPageWithStun = () => ({ iceServers: [{ urls: `stun:${coturn.endpoint}` }] });
const forNative = (tcp) => ({
  relay_only: true,
  turn: [{ endpoint: coturn.endpoint, tcp, user: coturn.user, password: coturn.password }],
});

for (const tcp of [false, true]) {
  const over = `coturn over ${tcp ? 'TCP' : 'UDP'}`;

  test(`${over}: the page is relayed`, async () => {
    const [near, far] = await pageOffers(ends.native, ends.page,
                                         { configuration: forPage(tcp) });
    await echoBothWays(ends.native, ends.page, near, far);
    await ends.page.call('close', { link: near });
  });

  test(`${over}: the native end is relayed`, async () => {
    const native = await Native.start(hosts.native, forNative(tcp));
    try {
      const [near, far] = await nativeOffers(native, ends.page,
                                             { configuration: forPageWithStun() });
      assert.equal((await native.report(far)).path, 'relayed');
      await echoBothWays(native, ends.page, near, far);
      await ends.page.call('close', { link: near });
    } finally {
      await native.stop();
    }
  });

  test(`${over}: both are relayed`, async () => {
    const native = await Native.start(hosts.native, forNative(tcp));
    try {
      const [near, far] = await nativeOffers(native, ends.page,
                                             { configuration: forPage(tcp) });
      await echoBothWays(native, ends.page, near, far);
      await ends.page.call('close', { link: near });
    } finally {
      await native.stop();
    }
  });
}
