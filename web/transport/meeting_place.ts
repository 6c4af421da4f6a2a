// How a page is found that cannot listen: it waits at a gateway under a topic that its invite tells
// (spec/signalling.md, "Meeting place"). Each guest gets a WebSocket of his own, a path.
import { toHex } from '../core/bytes.ts';
import { MAX_SIGNAL, type GatewayEvents } from './gateway.ts';

const WAITING = 2;      // sockets for guests to come: two may come at once
const MAX_SOCKETS = 6;  // a gateway takes eight from one address
const RETRY_MS = 2_000;

export interface MeetingEvents extends GatewayEvents {
  reachable(now: boolean): void;  // whether guests can come
}

interface Seat {
  socket: WebSocket;
  path: number;  // 0: no guest yet
}

export class MeetingPlace {
  readonly #address: string;
  readonly #events: MeetingEvents;
  readonly #seats = new Set<Seat>();
  #lastPath = 0;
  #reachable = false;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  // `token` (32) is the host's alone; its hash is the topic.
  constructor(origin: string, token: Uint8Array, events: MeetingEvents) {
    this.#address = `${origin.replace(/^http/, 'ws')}/host/${toHex(token)}`;
    this.#events = events;
    this.#fill();
  }

  send(path: number, message: Uint8Array<ArrayBuffer>): void {
    const seat = [...this.#seats].find((each) => each.path === path);
    if (seat?.socket.readyState === WebSocket.OPEN) seat.socket.send(message);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    for (const { socket } of this.#seats) socket.close();
    this.#seats.clear();
  }

  #fill(): void {
    let free = [...this.#seats].filter(({ path }) => path === 0).length;
    while (!this.#closed && free < WAITING && this.#seats.size < MAX_SOCKETS) {
      this.#open();
      ++free;
    }
  }

  #open(): void {
    const seat: Seat = { socket: new WebSocket(this.#address), path: 0 };
    const { socket } = seat;
    this.#seats.add(seat);
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => this.#tell();
    socket.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (this.#closed || !(data instanceof ArrayBuffer) || data.byteLength > MAX_SIGNAL) return;
      if (seat.path === 0) {
        seat.path = ++this.#lastPath;
        this.#fill();
        this.#events.up(seat.path);
      }
      this.#events.message(seat.path, new Uint8Array(data));
    };
    socket.onclose = () => this.#gone(seat);
  }

  #gone(seat: Seat): void {
    this.#seats.delete(seat);
    if (this.#closed) return;
    if (seat.path !== 0) this.#events.down(seat.path);
    this.#tell();
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#fill(), RETRY_MS);
  }

  #tell(): void {
    if (this.#closed) return;
    const reachable = [...this.#seats].some(({ socket }) => socket.readyState === WebSocket.OPEN);
    if (reachable === this.#reachable) return;
    this.#reachable = reachable;
    this.#events.reachable(reachable);
  }
}
