// Links whose two ends exchange descriptions: through the page's SDP or ours.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { echoBothWays, eventually } from './direct_dial_tests.mjs';

let lastLink = 0;

// What `native` says of its next link once all it can offer is in it.
function prepareNative(native, role, more, wanted = () => true) {
  const from = native.events.length;
  native.do('prepare', { link: ++lastLink, role, ...more });
  return native.event(({ event, description }) => event === 'description' && wanted(description),
                      from);
}

async function linkUp(native, link, opening) {
  const [up, { link: near }] = await native.linkOf(opening);
  assert.equal(up.link, link);
  return [near, link];
}

// Ends exchange SDP, or only the facts from which each builds the SDP for itself.
const told = ({ description, sdp }, facts) => (facts ? { description } : { sdp });

// The page offers; the two names of the link. `options`: {configuration} of the page's
// RTCPeerConnection, {facts} instead of SDP, {wanted(description)} of the native end.
export async function pageOffers(native, page, { configuration, facts, wanted } = {}) {
  const offer = await page.call('offer', { configuration });
  const answer =
    await prepareNative(native, 'responder', facts ? {} : { sdp: offer.sdp }, wanted);
  if (facts) native.do('remote', { link: answer.link, description: offer.description });
  return linkUp(native, answer.link, () => page.call(
    'complete', { prepared: offer.prepared, ...told(answer, facts) }));
}

// The native end offers; the same.
export async function nativeOffers(native, page, { configuration, facts, wanted } = {}) {
  const offer = await prepareNative(native, 'initiator', {}, wanted);
  const answer = await page.call('answer', { configuration, ...told(offer, facts) });
  native.do('remote', { link: offer.link, ...told(answer, facts) });
  return linkUp(native, offer.link, () => page.call('opened', { prepared: answer.prepared }));
}

async function echoAndClose(native, page, [near, far]) {
  await echoBothWays(native, page, near, far);
  await page.call('close', { link: near });
  await native.event(({ event, link }) => event === 'down' && link === far);
}

export function preparedTests(ends) {
  for (const [who, offers] of [['page', pageOffers], ['native end', nativeOffers]]) {
    test(`signalled by SDP: the ${who} offers`, async () => {
      await echoAndClose(ends.native, ends.page, await offers(ends.native, ends.page));
    });
    test(`signalled by facts: the ${who} offers, the native end closes`, async () => {
      const [near, far] = await offers(ends.native, ends.page, { facts: true });
      ends.native.do('close', { link: far });
      await eventually(() => ends.page.call('report', { link: near }), ({ closed }) => closed);
    });
  }
}
