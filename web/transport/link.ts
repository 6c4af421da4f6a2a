// One link: an RTCPeerConnection with the two lanes of spec/data-channels.md. It is dialled without
// any signalling (spec/link-handshake.md, "Direct dial"), or prepared: then both ends describe
// themselves, and the one that was called makes the offer, because it is the first to be described.
import { base64, concat } from '../core/bytes.ts';
import type { Crypto } from '../core/crypto.ts';
import type { Contact } from '../core/engine.ts';
import { parseIp, type Endpoint } from '../core/endpoint.ts';
import type { LinkDescription } from '../core/link_description.ts';
import { describe, midOf, toSdp } from './sdp.ts';

const HOST_PRIORITY = 2_130_706_431;  // RFC 8445, 5.1.2, of the only host candidate
const DIAL_LIMIT_MS = 8_000;
const PREPARED_LIMIT_MS = 15_000;
// More than this waiting in the browser is late already.
const MAX_BUFFERED = 128 << 10;
const NOWHERE: Endpoint = { ip: new Uint8Array(16), port: 0 };

export interface LinkEvents {
  up(ours: boolean, fingerprints: { local: Uint8Array; remote: Uint8Array },
     remote: Endpoint): void;
  message(bytes: Uint8Array): void;
  described(description: LinkDescription): void;
  down(): void;  // once; never after close()
}

export class Link {
  readonly #connection: RTCPeerConnection;
  readonly #lanes: RTCDataChannel[];
  readonly #events: LinkEvents;
  readonly #ours: boolean;
  #remote: Endpoint = NOWHERE;
  #remoteFingerprint = new Uint8Array(32);
  #answered = false;
  #up = false;
  #closed = false;
  #limit: ReturnType<typeof setTimeout>;

  private constructor(configuration: RTCConfiguration, ours: boolean, limitMs: number,
                      events: LinkEvents) {
    this.#connection = new RTCPeerConnection(configuration);
    this.#events = events;
    this.#ours = ours;
    this.#lanes = ['media', 'control'].map((label, id) => this.#openLane(label, id));
    this.#connection.onconnectionstatechange = () => {
      if (['failed', 'closed'].includes(this.#connection.connectionState)) this.#fail();
    };
    this.#limit = setTimeout(() => this.#fail(), limitMs);
  }

  static dial(contact: Contact, secret: Uint8Array, crypto: Crypto, events: LinkEvents): Link {
    const link = new Link({}, true, DIAL_LIMIT_MS, events);
    link.#remote = contact.endpoint;
    link.#remoteFingerprint = contact.fingerprint;
    link.#try(async () => {
      const connection = link.#connection;
      await connection.setLocalDescription();
      const candidates =
        [{ type: 'host' as const, endpoint: contact.endpoint, priority: HOST_PRIORITY }];
      const answer = { ...dialCredentials(secret, contact.fingerprint, crypto), candidates,
                       fingerprint: contact.fingerprint };
      const mid = midOf(connection.localDescription!.sdp);
      await connection.setRemoteDescription(
        { type: 'answer', sdp: toSdp(answer, 'passive', { lite: true, mid }) });
    });
    return link;
  }

  static prepare(initiator: boolean, configuration: RTCConfiguration, events: LinkEvents): Link {
    const link = new Link(configuration, initiator, PREPARED_LIMIT_MS, events);
    link.#connection.onicecandidate = () => link.#describe();
    if (!initiator) {
      link.#try(async () => {
        await link.#connection.setLocalDescription();
        link.#describe();
      });
    }
    return link;
  }

  // The other end's, again when it has found more candidates.
  remoteDescription(description: LinkDescription): void {
    this.#remoteFingerprint = description.fingerprint;
    this.#try(async () => {
      const connection = this.#connection;
      if (this.#answered) return this.#addCandidates(description);
      this.#answered = true;
      if (this.#ours) {
        await connection.setRemoteDescription(
          { type: 'offer', sdp: toSdp(description, 'active') });  // the caller is DTLS server
        await connection.setLocalDescription();
        return this.#describe();
      }
      const mid = midOf(connection.localDescription!.sdp);
      await connection.setRemoteDescription(
        { type: 'answer', sdp: toSdp(description, 'passive', { mid }) });
    });
  }

  // Dropped where the browser cannot take it: what stands in its queue comes too late.
  send(control: boolean, message: Uint8Array<ArrayBuffer>): void {
    const lane = this.#lanes[control ? 1 : 0]!;
    if (lane.readyState !== 'open' || lane.bufferedAmount > MAX_BUFFERED) return;
    try {
      lane.send(message);
    } catch {
      // Its buffer is full: the same.
    }
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#limit);
    this.#connection.close();
  }

  #openLane(label: string, id: number): RTCDataChannel {
    const lane = this.#connection.createDataChannel(
      label, { ordered: false, maxRetransmits: 0, negotiated: true, id });
    lane.binaryType = 'arraybuffer';
    lane.onopen = () => {
      if (this.#up || this.#closed || this.#lanes.some(({ readyState }) => readyState !== 'open')) {
        return;
      }
      this.#up = true;
      clearTimeout(this.#limit);
      const local = describe(this.#connection.localDescription!.sdp).fingerprint;
      this.#events.up(this.#ours, { local, remote: this.#remoteFingerprint }, this.#remoteEnd());
    };
    lane.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => {
      if (!this.#closed) this.#events.message(new Uint8Array(data));
    };
    lane.onclose = () => this.#fail();
    return lane;
  }

  #remoteEnd(): Endpoint {
    if (this.#remote.port !== 0) return this.#remote;
    const pair = this.#connection.sctp?.transport.iceTransport.getSelectedCandidatePair?.();
    const ip = parseIp(pair?.remote?.address ?? '');
    return ip ? { ip, port: pair?.remote?.port ?? 0 } : NOWHERE;
  }

  async #addCandidates(description: LinkDescription): Promise<void> {
    const sdpMid = midOf(this.#connection.remoteDescription!.sdp);
    for (const [, candidate] of toSdp(description, 'active').matchAll(/^a=(candidate:.*?)\r$/gm)) {
      await this.#connection.addIceCandidate({ candidate: candidate!, sdpMid });
    }
  }

  #describe(): void {
    const sdp = this.#connection.localDescription?.sdp;
    if (sdp && !this.#closed) this.#events.described(describe(sdp));
  }

  #try(work: () => Promise<void>): void {
    work().catch(() => this.#fail());
  }

  #fail(): void {
    if (this.#closed) return;
    this.close();
    this.#events.down();
  }
}

// What others will see of a certificate. Not every browser has RTCCertificate.getFingerprints().
export async function fingerprintOf(certificate: RTCCertificate): Promise<Uint8Array> {
  const connection = new RTCPeerConnection({ certificates: [certificate] });
  connection.createDataChannel('');
  const { sdp } = await connection.createOffer();
  connection.close();
  return describe(sdp ?? '').fingerprint;
}

// The ICE credentials that the dialled node will derive as well.
export function dialCredentials(
  secret: Uint8Array, fingerprint: Uint8Array, crypto: Crypto,
  nonce = globalThis.crypto.getRandomValues(new Uint8Array(12))): { ufrag: string;
                                                                     password: string } {
  const derive = (size: number, label: string) =>
    crypto.hash(size, secret, new TextEncoder().encode(label), nonce, fingerprint);
  const mac = derive(8, 'swarmcast dial mac 1').subarray(0, 6);
  return { ufrag: base64(concat(nonce, mac)),
           password: base64(derive(18, 'swarmcast dial pwd 1')) };
}
