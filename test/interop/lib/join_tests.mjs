// A page dials a real broadcast from its invite alone and proves the link, as a viewer would.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { inside, programs } from './emulator.mjs';
import { fromHex } from '../page/direct_dial.js';
import { Initiator } from '../page/hello.js';
import { JsonProcess } from './json_process.mjs';
import { hosts } from './network.mjs';

const VECTORS = new URL('../../../spec/vectors/link_proof.json', import.meta.url);

export function joinTests(ends) {
  test('the page\'s link handshake gives the known answers', async () => {
    const { secret, ends: { initiator, responder }, messages } =
      JSON.parse(await readFile(VECTORS));
    const hello = await Initiator.create(
      fromHex(secret),
      { local: fromHex(initiator.fingerprint), remote: fromHex(responder.fingerprint) },
      fromHex(initiator.seed), fromHex(initiator.nonce));
    assert.deepEqual(hello.hello1(), fromHex(messages.hello1));
    assert.deepEqual(hello.answer(fromHex(messages.hello2)), fromHex(messages.hello3));
    const forged = fromHex(messages.hello2);
    forged[70] ^= 1;
    assert.equal(hello.answer(forged), null);
  });

  test('join: from the invite of `swarmcast broadcast` to a proven link', async () => {
    const [command, ...args] = inside(
      hosts.native, `${programs}/swarmcast`, 'broadcast', '--json', '--no-sound',
      '--listen', `${hosts.native.address}:0`);
    const broadcast = new JsonProcess(command, args);
    try {
      const { url } = await broadcast.event('invite');
      // True once the node, having checked our proof, speaks to us as to a neighbour.
      assert.equal(await ends.page.call('join', { invite: url }), true);
    } finally {
      broadcast.child.kill('SIGTERM');
      await broadcast.stop();
    }
  });
}
