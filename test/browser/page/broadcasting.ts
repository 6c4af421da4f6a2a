// A fake camera through a broadcaster into a player, with nothing between them but numbers.
import type { EncodedFrame, StreamDescription } from '../../../web/core/types.js';
import { Broadcaster } from '../../../web/media/broadcaster.js';
import { CaptureError } from '../../../web/media/capture_problem.js';
import { Player } from '../../../web/media/player.js';
import { readStamp } from '../lib/stamp.mjs';

export interface Live {
  problem: string | undefined;
  description: StreamDescription | undefined;
  frames: { key: boolean; temporalId: number; indexInChunk: number; dependsOn: number;
            size: number; captured: number }[];
  packets: { size: number; captured: number }[];
  shown: { stamp: number | undefined; colour: number[]; captured: number; glassMs: number }[];
  previewed: { stamp: number | undefined; at: number }[];
  colours: number[][];  // of the preview, at the same moments as `shown`
  keyFramesWanted: number;
  lost: string[];
  heap: number[];       // bytes, once a second, where the browser tells
}

const colourOf = (() => {
  const context = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true })!;
  return (picture: CanvasImageSource): number[] => {
    context.drawImage(picture, 0, 0, 1, 1);
    return [...context.getImageData(0, 0, 1, 1).data.slice(0, 3)];
  };
})();

const heapBytes = (): number =>
  (performance as { memory?: { usedJSHeapSize: number } }).memory?.usedJSHeapSize ?? 0;

interface Step { atMs: number; bitsPerSecond?: number; soundOnly?: boolean; keyFrame?: boolean }

export async function broadcast({ lengthMs, microphone = true, steps = [], stamped = true }: {
  lengthMs: number; microphone?: boolean; steps?: Step[]; stamped?: boolean;
}): Promise<Live> {
  const live: Live = { problem: undefined, description: undefined, frames: [], packets: [],
                       shown: [], previewed: [], colours: [], keyFramesWanted: 0, lost: [],
                       heap: [] };
  const base = performance.now();
  const stream = (capturedAt: number): number => Math.round((capturedAt - base + 1_000) * 1000);
  const next = [0, 0];
  let player: Player | undefined;
  const pass = (frame: EncodedFrame, capturedAt: number): void => {
    const captured = stream(capturedAt);
    const { track, key, temporalId, indexInChunk, dependsOn, data } = frame;
    const size = data.length;
    if (track === 0) live.frames.push({ key, temporalId, indexInChunk, dependsOn, size, captured });
    else live.packets.push({ size, captured });
    player?.push({ frame: { ...frame, number: next[track]!++, captured }, presentAt: capturedAt,
                   show: true, late: false });
  };
  let broadcaster: Broadcaster;
  try {
    broadcaster = await Broadcaster.open({ facing: 'environment', microphone }, {
      frame: pass, lost: (device) => { live.lost.push(device); },
      failed: () => { live.problem = 'failed'; } });
  } catch (error) {
    live.problem = error instanceof CaptureError ? error.problem : String(error);
    return live;
  }
  const { preview } = broadcaster;
  document.body.append(preview);
  const description = live.description = broadcaster.description();
  const { width, height } = description.video[0]!;
  const look = (): void => {
    preview.requestVideoFrameCallback((at) => {
      if (stamped) live.previewed.push({ stamp: readStamp(preview, width, height), at });
      look();
    });
  };
  look();
  player = new Player(document.getElementById('mount')!, {
    needKeyFrame: () => {
      ++live.keyFramesWanted;
      broadcaster.keyFrame();
    },
    presented(captured, at) {
      live.shown.push({ captured, glassMs: at - (captured / 1000 - 1_000 + base),
                        stamp: stamped ? readStamp(player!.picture!, width, height) : undefined,
                        colour: colourOf(player!.picture!) });
      live.colours.push(colourOf(preview));
    },
  });
  player.configure(description);
  const start = performance.now();
  const todo = [...steps];
  for (let now = start; now < start + lengthMs; now = performance.now()) {
    while (todo[0] && todo[0].atMs <= now - start) {
      const { keyFrame, bitsPerSecond = 800_000, soundOnly = false } = todo.shift()!;
      if (keyFrame) broadcaster.keyFrame();
      else broadcaster.setTarget({ bitsPerSecond, soundOnly });
    }
    if (live.heap.length < (now - start) / 1000) live.heap.push(heapBytes());
    await new Promise((then) => { setTimeout(then, 20); });
  }
  broadcaster.close();
  player.close();
  return live;
}

// What is left after closing: tracks that run, elements in the page.
export async function leftovers(): Promise<{ elements: number; tracks: number }> {
  const tracks: MediaStreamTrack[] = [];
  const { mediaDevices } = navigator;
  const ask = mediaDevices.getUserMedia.bind(mediaDevices);
  mediaDevices.getUserMedia = async (constraints) => {
    const stream = await ask(constraints);
    tracks.push(...stream.getTracks());
    return stream;
  };
  await broadcast({ lengthMs: 300 });
  return { elements: document.querySelectorAll('video, canvas').length,
           tracks: tracks.filter(({ readyState }) => readyState === 'live').length };
}
