// The link handshake (spec/link-handshake.md) from the initiator's side.
import sodium from 'libsodium-wrappers';
import { concat } from './direct_dial.js';

const VERSION = 1;
const HELLO1 = 0x30;
const HELLO2 = 0x31;
const HELLO3 = 0x32;
const HELLO2_SIZE = 146;

const label = (role) => new TextEncoder().encode(`swarmcast link ${role} v1\0`);

// An end is {key, nonce, fingerprint}, of 32 bytes each.
function transcript(role, initiator, responder) {
  const end = ({ key, nonce, fingerprint }) => concat(key, nonce, fingerprint);
  return concat(label(role), Uint8Array.of(VERSION), end(initiator), end(responder));
}

export class Initiator {
  // `fingerprints`: {local, remote}, of the two certificates of this DTLS connection. `seed` and
  // `nonce` are given by tests only.
  static async create(secret, fingerprints, seed, nonce) {
    await sodium.ready;
    const pair = sodium.crypto_sign_seed_keypair(seed ?? sodium.randombytes_buf(32));
    const self = { key: pair.publicKey, nonce: nonce ?? sodium.randombytes_buf(32),
                   fingerprint: fingerprints.local };
    return new Initiator(secret, pair.privateKey, self, fingerprints.remote);
  }
  constructor(secret, privateKey, self, remoteFingerprint) {
    Object.assign(this, { secret, privateKey, self, remoteFingerprint });
  }

  hello1() {
    return concat(Uint8Array.of(HELLO1, VERSION), this.self.key, this.self.nonce);
  }

  // HELLO3 to answer a HELLO2 with, or null if that is not a proof for this connection.
  answer(message) {
    if (message.length !== HELLO2_SIZE || message[0] !== HELLO2 || message[1] !== VERSION) {
      return null;
    }
    const responder = { key: message.subarray(2, 34), nonce: message.subarray(34, 66),
                        fingerprint: this.remoteFingerprint };
    const theirs = transcript('responder', this.self, responder);
    const mac = sodium.crypto_generichash(16, theirs, this.secret);
    if (!sodium.memcmp(mac, message.subarray(66, 82))) return null;
    if (!sodium.crypto_sign_verify_detached(message.subarray(82), theirs, responder.key)) {
      return null;
    }
    const ours = transcript('initiator', this.self, responder);
    return concat(Uint8Array.of(HELLO3), sodium.crypto_generichash(16, ours, this.secret),
                  sodium.crypto_sign_detached(ours, this.privateKey));
  }
}
