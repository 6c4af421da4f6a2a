// A way to exchange signals with an entry that cannot be dialled: its gateway's WebSocket, or the
// meeting place where it waits (spec/signalling.md). It is trusted with nothing.
import type { Invite } from '../core/invite.ts';
import { toHex } from '../core/bytes.ts';
import { formatEndpoint } from '../core/endpoint.ts';

const RETRY_MS = 2_000;
export const MAX_SIGNAL = 1_156;  // kMaxMessageSize

export interface GatewayEvents {
  up(path: number): void;
  message(path: number, bytes: Uint8Array): void;
  down(path: number): void;
}

export class Gateway {
  readonly #address: string;
  readonly #events: GatewayEvents;
  #socket: WebSocket | undefined;
  #path = 0;
  #lastTry = -RETRY_MS;

  constructor(invite: Invite, events: GatewayEvents) {
    const origin = invite.origin || `http://${formatEndpoint(invite.entry)}`;
    const where = invite.meeting ? `meet/${toHex(invite.meeting)}` : 'signal';
    this.#address = `${origin.replace(/^http/, 'ws')}/${where}`;
    this.#events = events;
  }

  // Opens a path, unless there is one or an attempt has failed just now.
  seek(now: number): void {
    if (this.#socket || now < this.#lastTry + RETRY_MS) return;
    this.#lastTry = now;
    let socket: WebSocket;
    try {
      socket = new WebSocket(this.#address);
    } catch {
      return;  // the page's policy or an https origin forbids it: there is no such way
    }
    const path = ++this.#path;
    let open = false;
    this.#socket = socket;
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => {
      open = true;
      this.#events.up(path);
    };
    socket.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (!(data instanceof ArrayBuffer) || data.byteLength > MAX_SIGNAL) return;
      this.#events.message(path, new Uint8Array(data));
    };
    socket.onclose = () => {
      if (this.#socket === socket) this.#socket = undefined;
      if (open) this.#events.down(path);
    };
  }

  send(path: number, message: Uint8Array<ArrayBuffer>): void {
    if (path === this.#path && this.#socket?.readyState === WebSocket.OPEN) {
      this.#socket.send(message);
    }
  }

  // The path has done its work, and frees its place.
  leave(): void {
    this.#socket?.close();
  }
}
