// The whole app, watching a recording that is handed out as the engine would.
import { inviteUrl } from '../../../web/core/invite.js';
import type { EndReason, SessionEvents, Stats } from '../../../web/core/types.js';
import { startApp } from '../../../web/ui/start.js';
import { watchingBy } from '../../../web/ui/watching.js';
import { bytesOf, record, type Recording } from '../page/recording.js';

const PLAYOUT_MS = 200;
const WITNESSES = 12;

const seen = { places: [] as number[], stopped: 0, wiped: 0 };
let recording: Recording;
let events: SessionEvents | undefined;
let paused = false;
let mediaOut = 0;

// Over and over, as a source goes on.
async function handOut(to: SessionEvents): Promise<void> {
  const { frames, description } = recording;
  const first = frames[0]!.captured;
  const length = frames.length / description.video[0]!.fps * 1_000;
  const start = performance.now() + PLAYOUT_MS;
  for (let round = 0; events === to; ++round) {
    for (const [index, frame] of frames.entries()) {
      const captured = frame.captured + round * length * 1_000;
      const presentAt = start + (captured - first) / 1_000;
      const wait = presentAt - PLAYOUT_MS - performance.now();
      if (wait > 0) await new Promise((next) => { setTimeout(next, wait); });
      if (events !== to) return;
      if (paused) continue;
      to.frame({ frame: { ...frame, number: round * frames.length + index, captured,
                          data: bytesOf(frame.data) }, presentAt, show: true, late: false });
    }
  }
}

const openReplay = async (_: unknown, to: SessionEvents) => {
  events = to;
  to.link({ link: 1, peer: '', remote: '', direction: 'parent', state: 'up', rtt: 1 });
  to.link({ link: 2, peer: '', remote: '', direction: 'backup', state: 'up', rtt: 1 });
  to.link({ link: 2, peer: '', remote: '', direction: 'backup', state: 'down', rtt: 1 });
  to.stream(recording.description);
  void handOut(to);
  return {
    needKeyFrame: () => {},
    setPlaces: (places: number) => { seen.places.push(places); },
    stats: () => ({ witnesses: WITNESSES, playout: PLAYOUT_MS, bytes: { mediaOut } }) as Stats,
    stop: () => { ++seen.stopped; events = undefined; },
    wipe: () => { ++seen.wiped; events = undefined; },
  };
};

Object.assign(window, { test: {
  invite: () => inviteUrl({
    secret: new Uint8Array(16), sourceKeyHash: new Uint8Array(16), fingerprint: new Uint8Array(32),
    entry: { ip: Uint8Array.of(...Array(10).fill(0), 255, 255, 127, 0, 0, 1), port: 7_000 },
    origin: '', hints: [] }),
  prepare: async () => { recording = await record({ codec: 'h264', count: 40 }); },
  pause: (wanted: boolean) => { paused = wanted; },
  carried: (bytes: number) => { mediaOut = bytes; },
  end: (reason: EndReason) => { events?.ended(reason); },
  seen: () => seen,
  // The sum over all that the picture on the screen consists of; 0: black, or none.
  picture: () => {
    const canvas = document.querySelector<HTMLCanvasElement>('.picture canvas');
    if (!canvas) return 0;
    const { width, height } = canvas;
    const copy = new OffscreenCanvas(width, height).getContext('2d')!;
    copy.drawImage(canvas, 0, 0);
    const { data } = copy.getImageData(0, 0, width, height);
    return data.reduce((sum, value, index) => (index % 4 === 3 ? sum : sum + value), 0);
  },
} });

startApp(document.getElementById('app')!, {
  watch: () => Promise.resolve(watchingBy(openReplay)),
  broadcast: () => Promise.reject(new Error('nothing to broadcast here')),
});
