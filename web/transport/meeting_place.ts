// How a page is found that cannot listen: it waits at a gateway under a topic that its invite tells
// (spec/signalling.md, "Meeting place"). Each guest gets a WebSocket of his own, a path.
import { toHex } from '../core/bytes.ts';
import { MAX_SIGNAL, type GatewayEvents } from './gateway.ts';

const WAITING = 2;      // sockets for guests to come: two may come at once
const MAX_SOCKETS = 6;  // a gateway takes eight from one address
const RETRY_MS = 2_000;
// A gateway closes a socket that says nothing for a minute, and so do routers on the way.
const KEEP_MS = 20_000;
const STILL_HERE = Uint8Array.of(0);

export interface MeetingEvents extends GatewayEvents {
  reachable(now: boolean): void;  // whether guests can come
}

interface Seat {
  socket: WebSocket;
  path: number;  // 0: no guest yet
  opened: boolean;
}

export class MeetingPlace {
  readonly #address: string;
  readonly #events: MeetingEvents;
  readonly #seats = new Set<Seat>();
  #lastPath = 0;
  #reachable = false;
  #retry: ReturnType<typeof setTimeout> | undefined;
  readonly #keep: ReturnType<typeof setInterval>;
  #closed = false;

  // `token` (32) is the host's alone; its hash is the topic.
  constructor(origin: string, token: Uint8Array, events: MeetingEvents) {
    this.#address = `${origin.replace(/^http/, 'ws')}/host/${toHex(token)}`;
    this.#events = events;
    this.#keep = setInterval(() => this.#say(), KEEP_MS);
    this.#fill();
  }

  send(path: number, message: Uint8Array<ArrayBuffer>): void {
    const seat = [...this.#seats].find((each) => each.path === path);
    if (seat?.socket.readyState === WebSocket.OPEN) seat.socket.send(message);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    clearInterval(this.#keep);
    for (const { socket } of this.#seats) socket.close();
    this.#seats.clear();
  }

  #say(): void {
    for (const { socket, path } of this.#seats)
      if (path === 0 && socket.readyState === WebSocket.OPEN) socket.send(STILL_HERE);
  }

  #fill(): void {
    let free = [...this.#seats].filter(({ path }) => path === 0).length;
    while (!this.#closed && free < WAITING && this.#seats.size < MAX_SOCKETS) {
      this.#open();
      ++free;
    }
  }

  #open(): void {
    const seat: Seat = { socket: new WebSocket(this.#address), path: 0, opened: false };
    const { socket } = seat;
    this.#seats.add(seat);
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => {
      seat.opened = true;
      this.#tell(true);
    };
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
    if (seat.opened) return this.#fill();  // its time was over, or its guest has gone
    if (![...this.#seats].some(({ opened }) => opened)) this.#tell(false);
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#fill(), RETRY_MS);
  }

  #tell(reachable: boolean): void {
    if (this.#closed || reachable === this.#reachable) return;
    this.#reachable = reachable;
    this.#events.reachable(reachable);
  }
}
