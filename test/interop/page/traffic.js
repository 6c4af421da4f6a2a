// The messages that the interop tests send over a link, and what they count of them. The same
// layout as in ../node/traffic.h, which explains it.
import { LANES } from './direct_dial.js';

const ECHO = 0x21;
const ANSWER = 0x22;
const STREAM = 0x23;
const HEADER_SIZE = 14;
const TICK_MS = 4;  // the shortest that browsers have

function makeMessage(kind, lane, number, sentUs, size) {
  const out = new Uint8Array(size).fill(0x55);
  const view = new DataView(out.buffer);
  view.setUint8(0, kind);
  view.setUint8(1, lane);
  view.setUint32(2, number);
  view.setUint32(6, Math.floor(sentUs / 2 ** 32));
  view.setUint32(10, sentUs % 2 ** 32);
  return out;
}

const percentile = (sorted, share) => sorted[Math.round(share * (sorted.length - 1))] ?? 0;

export class Traffic {
  // `send(lane, bytes)`; `clock()` gives CLOCK_MONOTONIC in microseconds.
  constructor(send, clock) {
    this.send = send;
    this.clock = clock;
    this.sent = 0;
    this.seen = new Set();
    this.delays = [];  // ms
    this.arrivals = [];  // ms
    this.counts = { duplicates: 0, reordered: 0, bytes: 0, answers: 0, largest_answer: 0,
                    other: 0, wrong_lane: 0, refused: 0 };
    this.next = 0;
  }

  take(lane, bytes) {
    const now = this.clock();
    const kind = bytes[0];
    if (bytes.length < HEADER_SIZE || kind < ECHO || kind > STREAM) return this.counts.other++;
    if (bytes[1] !== lane) return this.counts.wrong_lane++;
    if (kind === ECHO) {
      const answer = bytes.slice();
      answer[0] = ANSWER;
      return this.trySend(lane, answer);
    }
    if (kind === ANSWER) {
      this.counts.answers++;
      this.counts.largest_answer = Math.max(this.counts.largest_answer, bytes.length);
      return undefined;
    }
    return this.takeStream(bytes, now);
  }

  takeStream(bytes, now) {
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    const number = view.getUint32(2);
    if (this.seen.has(number)) return this.counts.duplicates++;
    this.seen.add(number);
    if (number < this.next) this.counts.reordered++;
    this.next = Math.max(this.next, number + 1);
    this.counts.bytes += bytes.length;
    this.arrivals.push(now / 1000);
    this.delays.push((now - (view.getUint32(6) * 2 ** 32 + view.getUint32(10))) / 1000);
    return undefined;
  }

  trySend(lane, bytes) {
    try {
      this.send(lane, bytes);
    } catch {
      this.counts.refused++;
    }
  }

  echo({ lane, size, count = 1 }) {
    const id = LANES.indexOf(lane);
    for (let n = 0; n < count; ++n) this.trySend(id, makeMessage(ECHO, id, n, this.clock(), size));
  }

  // Sends `count` messages at `rate` a second; returns at once.
  stream({ lane, size, rate, count }) {
    const id = LANES.indexOf(lane);
    const start = this.clock();
    this.sent = 0;
    clearInterval(this.timer);
    this.timer = setInterval(() => {
      const due = Math.min(count, Math.floor((this.clock() - start) * rate / 1e6) + 1);
      for (; this.sent < due; ++this.sent) {
        this.trySend(id, makeMessage(STREAM, id, this.sent, this.clock(), size));
      }
      if (this.sent === count) clearInterval(this.timer);
    }, TICK_MS);
  }

  stop() {
    clearInterval(this.timer);
  }

  // With `delays` also each message's one-way delay and when it came.
  report(delays = false) {
    const sorted = this.delays.toSorted((a, b) => a - b);
    return {
      received: sorted.length, sent: this.sent, ...this.counts,
      delay_ms: { p50: percentile(sorted, 0.5), p99: percentile(sorted, 0.99),
                  max: percentile(sorted, 1) },
      ...(delays ? { delays_ms: sorted, arrivals_ms: this.arrivals } : {}),
    };
  }
}
