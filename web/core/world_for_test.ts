// Real engines in virtual time, joined by links that delay and lose.
import { readFileSync } from 'node:fs';
import { Crypto } from './crypto.ts';
import { Engine, type EngineOptions, type Output } from './engine.ts';
import { parseEndpoint, type Endpoint } from './endpoint.ts';
import type { FrameOut } from './types.ts';

const MODULE = 'core/swarmcast.wasm';
// libsodium looks for randomness where browsers have it.
Object.defineProperty(globalThis, 'self', { value: globalThis });
const ONE_WAY_MS = 20;

const filled = (size: number, value: number) => new Uint8Array(size).fill(value);
const numbered = (number: number) => parseEndpoint(`192.0.2.${number}:7000`)!;

export interface Node {
  number: number;
  engine: Engine;
  crypto: Crypto;
  endpoint: Endpoint;
  fingerprint: Uint8Array;
  links: Map<number, { node: Node; link: number }>;
  frames: FrameOut[];
  others: Output[];
  sent: number;
}

export class World {
  now = 1_000;
  readonly nodes: Node[] = [];
  readonly #events: { at: number; order: number; run: () => void }[] = [];
  #order = 0;
  #nextLink = 1_000;
  #lose: () => boolean = () => false;

  // Loses a share of what is sent from now on, the same in every run.
  lose(share: number): void {
    let state = 12_345;
    this.#lose = () => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return (state >>> 8) / 2 ** 24 < share;
    };
  }

  async add(options: Partial<EngineOptions> & Pick<EngineOptions, 'role'>,
            entry?: Node): Promise<Node> {
    const number = this.nodes.length + 1;
    const crypto = await Crypto.create();
    const fingerprint = filled(32, number);
    const module = await WebAssembly.compile(readFileSync(MODULE));
    const engine = await Engine.create(this.now, module, crypto, {
      secret: filled(16, 7), seed: filled(32, number), listenFingerprint: fingerprint,
      listening: true, browser: false, canReachGateways: false,
      ...(entry ? { entry: { endpoint: entry.endpoint, fingerprint: entry.fingerprint },
                    sourceKeyHash: this.nodes[0]!.engine.sourceKeyHash() } : {}),
      ...options });
    const node: Node = { number, engine, crypto, endpoint: numbered(number), fingerprint,
                         links: new Map(), frames: [], others: [], sent: 0 };
    this.nodes.push(node);
    this.drain(node);
    return node;
  }

  after(ms: number, run: () => void): void {
    this.#events.push({ at: this.now + ms, order: this.#order++, run });
  }

  run(ms: number): void {
    const end = this.now + ms;
    for (;;) {
      const due = this.nodes.map((node) => node.engine.nextTimeout());
      this.#events.sort((a, b) => a.at - b.at || a.order - b.order);
      const next = Math.min(end, this.#events[0]?.at ?? end, ...due);
      this.now = Math.max(this.now, next);
      if (next >= end) return;
      if (this.#events[0] && this.#events[0].at <= this.now) {
        this.#events.shift()!.run();
      } else {
        const node = this.nodes[due.indexOf(Math.min(...due))]!;
        node.engine.timeout(this.now);
        this.drain(node);
      }
    }
  }

  drain(node: Node): void {
    for (const output of node.engine.outputs(this.now)) this.#carryOut(node, output);
  }

  #carryOut(node: Node, output: Output): void {
    if (output.kind === 'transmit') {
      return this.#transmit(node, output.link, output.message.slice());
    }
    if (output.kind === 'frame') return void node.frames.push(output.frame);
    if (output.kind === 'openLink') return this.#dial(node, output.link, output.contact.endpoint);
    if (output.kind === 'closeLink') return this.#close(node, output.link);
    node.others.push(output);
  }

  #transmit(node: Node, link: number, message: Uint8Array): void {
    node.sent += message.length;
    if (this.#lose()) return;
    this.after(ONE_WAY_MS, () => {
      const far = node.links.get(link);
      if (!far?.node.links.has(far.link)) return;
      far.node.engine.datagram(this.now, far.link, message);
      this.drain(far.node);
    });
  }

  #dial(node: Node, link: number, to: Endpoint): void {
    const far = this.nodes.find(({ endpoint }) => endpoint.ip.join() === to.ip.join());
    this.after(2 * ONE_WAY_MS, () => {
      if (!far) {
        node.engine.linkDown(this.now, link);
        return this.drain(node);
      }
      const theirs = this.#nextLink++;
      node.links.set(link, { node: far, link: theirs });
      far.links.set(theirs, { node, link });
      far.engine.linkUp(this.now, theirs, false,
                        { local: far.fingerprint, remote: node.fingerprint }, node.endpoint);
      this.drain(far);
      node.engine.linkUp(this.now, link, true,
                         { local: node.fingerprint, remote: far.fingerprint }, far.endpoint);
      this.drain(node);
    });
  }

  #close(node: Node, link: number): void {
    const far = node.links.get(link);
    node.links.delete(link);
    if (!far) return;
    this.after(ONE_WAY_MS, () => {
      if (!far.node.links.delete(far.link)) return;
      far.node.engine.linkDown(this.now, far.link);
      this.drain(far.node);
    });
  }
}
