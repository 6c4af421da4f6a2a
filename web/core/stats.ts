// The counters of wasm/stats.cc, in its order.
import type { Stats } from './types.ts';

export const STAT_COUNT = 43;

export function readStats(values: number[]): Stats {
  let at = 0;
  const next = () => values[at++]!;
  return {
    peers: next(), parents: next(), children: next(), hop: next(), deepest: next(),
    longestDelay: next(), witnesses: next(),
    frames: { expected: next(), onTime: next(), late: next(), missing: next(),
              undecodable: next() },
    repair: { nakSent: next(), nakAnswered: next(), fecRecovered: next(), spurious: next() },
    bytes: { mediaIn: next(), mediaAgain: next(), mediaOut: next(), messageIn: next(),
             messageOut: next() },
    drops: { malformed: next(), forged: next(), replayed: next(), tooLate: next(),
             unexpected: next(), overLimit: next() },
    signals: { sent: next(), forwarded: next(), accepted: next(), malformed: next(),
               forged: next(), replayed: next(), overLimit: next(), noWay: next() },
    loss: next(), playout: next(), clockError: next(), mediaRate: next(), targetRate: next(),
    sendRate: next(), competes: next() !== 0, shedding: next(),
  };
}
