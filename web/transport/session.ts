// A broadcast that this page watches, or makes: the engine, its links, and one timer.
import { Crypto } from '../core/crypto.ts';
import type { Endpoint } from '../core/endpoint.ts';
import { Engine, type EngineOptions, type Output } from '../core/engine.ts';
import { inviteUrl, type Invite } from '../core/invite.ts';
import type { EncodedFrame, EndReason, SessionEvents, Stats,
              StreamDescription } from '../core/types.ts';
import { Gateway } from './gateway.ts';
import { fingerprintOf, Link } from './link.ts';
import { MeetingPlace } from './meeting_place.ts';

export interface SessionOptions {
  iceServers?: RTCIceServer[];  // none unless the user names some
  playout?: number;             // ms; automatic
  places?: number;              // children we feed; 0: relay nothing
  bitsPerSecond?: number;       // broadcasting: the picture at most
  gateway?: string;             // broadcasting: the origin of one where viewers find us
}

const CERTIFICATE: EcKeyGenParams = { name: 'ECDSA', namedCurve: 'P-256' };
// Stands for the address of an entry that has none, in the discard prefix (RFC 6666): an entry is
// dialled before it is called.
const NOBODY: Endpoint = { ip: Uint8Array.from({ length: 16 }, (_, i) => (i === 0 ? 1 : 0)), port: 9 };
const TOPIC_LABEL = new TextEncoder().encode('swarmcast meeting v1');
const random = (size: number) => globalThis.crypto.getRandomValues(new Uint8Array(size));

let compiled: Promise<WebAssembly.Module> | undefined;
// The module is fetched and compiled once a page.
function engineModule(): Promise<WebAssembly.Module> {
  compiled ??= WebAssembly.compileStreaming(
    fetch(new URL('../core/swarmcast.wasm', import.meta.url)));
  return compiled;
}

export class Session {
  readonly #engine: Engine;
  readonly #crypto: Crypto;
  readonly #secret: Uint8Array;
  readonly #certificate: RTCCertificate;
  readonly #fingerprint: Uint8Array;
  readonly #options: SessionOptions;
  readonly #events: SessionEvents;
  readonly #gateway: Gateway | undefined;
  readonly #meeting: MeetingPlace | undefined;
  readonly #links = new Map<number, Link>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #ended = false;

  private constructor(engine: Engine, crypto: Crypto, secret: Uint8Array,
                      certificate: RTCCertificate, fingerprint: Uint8Array,
                      invite: Invite | undefined, options: SessionOptions,
                      events: SessionEvents) {
    this.#engine = engine;
    this.#crypto = crypto;
    this.#secret = secret;
    this.#certificate = certificate;
    this.#fingerprint = fingerprint;
    this.#options = options;
    this.#events = events;
    const pathEvents = (toEntry: boolean) => ({
      up: (path: number) => this.#give((now) => engine.pathUp(now, path, toEntry)),
      message: (path: number, bytes: Uint8Array) =>
        this.#give((now) => engine.signal(now, path, bytes)),
      down: (path: number) => this.#give((now) => engine.pathDown(now, path)),
    });
    if (invite) {
      this.#gateway = new Gateway(invite, pathEvents(true));
    } else if (options.gateway !== undefined) {
      const token = random(32);
      const text = this.#makeInvite(options.gateway, token);
      this.#meeting = new MeetingPlace(options.gateway, token, {
        ...pathEvents(false), reachable: (now) => events.reachable(now ? text : undefined) });
    }
  }

  static watch(invite: Invite, options: SessionOptions, events: SessionEvents): Promise<Session> {
    return Session.#start(invite, { role: 'viewer', secret: invite.secret,
                                    sourceKeyHash: invite.sourceKeyHash,
                                    entry: { endpoint: invite.meeting ? NOBODY : invite.entry,
                                             fingerprint: invite.fingerprint } }, options, events);
  }

  static broadcast(stream: StreamDescription, options: SessionOptions,
                   events: SessionEvents): Promise<Session> {
    return Session.#start(undefined, { role: 'source', secret: random(16), stream,
                                       bitsPerSecond: options.bitsPerSecond ?? 0 },
                          options, events);
  }

  static async #start(invite: Invite | undefined,
                      role: Pick<EngineOptions, 'role' | 'secret'> & Partial<EngineOptions>,
                      options: SessionOptions, events: SessionEvents): Promise<Session> {
    const [module, crypto, certificate] = await Promise.all(
      [engineModule(), Crypto.create(), RTCPeerConnection.generateCertificate(CERTIFICATE)]);
    const fingerprint = await fingerprintOf(certificate);
    const { playout, places } = options;
    const engine = await Engine.create(performance.now(), module, crypto, {
      ...role, listenFingerprint: fingerprint, listening: false, browser: true, canReachGateways: invite !== undefined,
      ...(playout === undefined ? {} : { playout }), ...(places === undefined ? {} : { places }),
      seed: random(32) });
    const session =
      new Session(engine, crypto, role.secret.slice(), certificate, fingerprint, invite, options,
                  events);
    session.#pump(performance.now());
    return session;
  }

  // `captured`: on the clock of performance.now().
  publish(frame: EncodedFrame, captured: number): void {
    this.#give((now) => this.#engine.publish(now, frame, Math.min(captured, now)));
  }
  // The decoder lost its state.
  needKeyFrame(): void { this.#give((now) => this.#engine.needKeyFrame(now)); }
  // So many others are fed from now on; 0: nothing is passed on.
  setPlaces(places: number): void { this.#give((now) => this.#engine.setPlaces(now, places)); }
  stats(): Stats | undefined {
    return this.#ended ? undefined : this.#engine.stats(performance.now());
  }
  // Microseconds since the stream began, at `now`; undefined until known.
  streamTime(now: number): number | undefined {
    return this.#ended ? undefined : this.#engine.streamTime(now);
  }
  // Takes leave of everybody; `ended` follows.
  stop(): void { this.#give((now) => this.#engine.stop(now)); }
  // Ends it without a word, and leaves no byte of it. No event follows.
  wipe(): void { this.#close(); }

  #makeInvite(origin: string, token: Uint8Array): string {
    return inviteUrl({
      secret: this.#secret.slice(), sourceKeyHash: this.#engine.sourceKeyHash().slice(),
      fingerprint: Uint8Array.from(this.#fingerprint), entry: { ip: new Uint8Array(16), port: 0 },
      meeting: this.#crypto.hash(16, new Uint8Array(), TOPIC_LABEL, token), origin, hints: [] });
  }

  #give(input: (now: number) => void): void {
    if (this.#ended) return;
    const now = performance.now();
    this.#guard(() => {
      input(now);
      this.#pump(now);
    });
  }

  // An engine that fails has failed for good; whoever watches is told, and nothing of it stays.
  #guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      console.error(error);
      this.#finish('failed');
    }
  }

  #pump(now: number): void {
    let reason: EndReason | undefined;
    const news: Output[] = [];
    for (const output of this.#engine.outputs(now)) {
      if (output.kind === 'ended') reason = output.reason;
      else if (!this.#carryOut(output, now)) news.push(output);
    }
    // Only now: who is told may call us again.
    for (const output of news) this.#tell(output);
    if (reason) return this.#finish(reason);
    this.#arm();
  }

  #arm(): void {
    clearTimeout(this.#timer);
    if (this.#ended) return;
    const due = this.#engine.nextTimeout();
    if (due === Infinity) return;
    this.#timer = setTimeout(() => this.#give((now) => this.#engine.timeout(now)),
                             Math.max(0, due - performance.now()));
  }

  // False if it is for whoever uses the session.
  #carryOut(output: Output, now: number): boolean {
    switch (output.kind) {
      case 'transmit':
        this.#links.get(output.link)?.send(output.control, output.message);
        return true;
      case 'openLink':
        this.#links.set(output.link, Link.dial(output.contact, this.#secret, this.#crypto,
                                               this.#linkEvents(output.link)));
        return true;
      case 'prepareLink': {
        const configuration: RTCConfiguration = {
          iceServers: this.#options.iceServers ?? [],
          ...(output.listenerCertificate ? { certificates: [this.#certificate] } : {}) };
        this.#links.set(output.link, Link.prepare(output.initiator, configuration,
                                                  this.#linkEvents(output.link)));
        return true;
      }
      case 'remoteDescription':
        this.#links.get(output.link)?.remoteDescription(output.description);
        return true;
      case 'closeLink':
        this.#links.get(output.link)?.close();
        this.#links.delete(output.link);
        return true;
      case 'needSignalPath':
        this.#gateway?.seek(now);
        return true;
      case 'sendSignal':
        (this.#gateway ?? this.#meeting)?.send(output.path, output.message);
        return true;
      default:
        return false;
    }
  }

  #tell(output: Output): void {
    switch (output.kind) {
      case 'frame': return this.#events.frame(output.frame);
      case 'keyFrameWanted': return this.#events.keyFrameWanted();
      case 'encoderHint': return this.#events.encoderHint(output.hint);
      case 'streamKnown': return this.#events.stream(output.stream);
      case 'linkChanged':
        if (output.change.state === 'up') this.#gateway?.leave();
        return this.#events.link(output.change);
    }
  }

  #linkEvents(link: number) {
    return {
      up: (ours: boolean, fingerprints: { local: Uint8Array; remote: Uint8Array },
           remote: Parameters<Engine['linkUp']>[4]) =>
        this.#give((now) => this.#engine.linkUp(now, link, ours, fingerprints, remote)),
      message: (bytes: Uint8Array) =>
        this.#give((now) => this.#engine.datagram(now, link, bytes)),
      described: (description: Parameters<Engine['localDescription']>[2]) =>
        this.#give((now) => this.#engine.localDescription(now, link, description)),
      down: () => {
        this.#links.delete(link);
        this.#give((now) => this.#engine.linkDown(now, link));
      },
    };
  }

  #finish(reason: EndReason): void {
    if (this.#ended) return;
    this.#close();
    this.#events.ended(reason);
  }

  #close(): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#timer);
    this.#gateway?.leave();
    this.#meeting?.close();
    for (const link of this.#links.values()) link.close();
    this.#links.clear();
    this.#engine.wipe();
    this.#crypto.wipe();
    this.#secret.fill(0);
  }
}
