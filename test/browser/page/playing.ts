// Plays a recording in real time, as the engine would hand it out.
import type { EncodedFrame } from '../../../web/core/types.js';
import { Player } from '../../../web/media/player.js';
import type { PlayerProblem, SoundState } from '../../../web/media/player_events.js';
import { readStamp } from '../lib/stamp.mjs';
import { bytesOf, SIZE, type Recording } from './recording.js';

export interface Faults {
  lost?: number[];     // pictures that never come
  damaged?: number[];  // pictures whose bytes are rubbish
}

export interface Played {
  shown: { stamp: number | undefined; expected: number; lateMs: number }[];
  keyFramesWanted: number;
  problem: PlayerProblem | undefined;
  sound: SoundState[];
  element: string | undefined;
  heard: number;       // the loudest sample that went to the speakers
  soundBytes: number;  // decoded by a media element, where it says so
}

// What WebAudio plays, listened to in passing.
function listen(): { loudest(): number } {
  const analysers = new Map<BaseAudioContext, AnalyserNode>();
  let loudest = 0;
  const { start } = AudioBufferSourceNode.prototype;
  AudioBufferSourceNode.prototype.start = function begin(...times) {
    let analyser = analysers.get(this.context);
    if (!analyser) analysers.set(this.context, analyser = this.context.createAnalyser());
    this.connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    analyser.getFloatTimeDomainData(samples);
    for (const sample of samples) loudest = Math.max(loudest, Math.abs(sample));
    start.apply(this, times);
  };
  return { loudest: () => loudest };
}

export async function play({ recording, delayMs = 150, faults = {}, sound = false }: {
  recording: Recording; delayMs?: number; faults?: Faults; sound?: boolean;
}): Promise<Played> {
  const { description, frames } = recording;
  const mount = document.getElementById('mount')!;
  const played: Played = { shown: [], keyFramesWanted: 0, problem: undefined, sound: [],
                           element: undefined, heard: 0, soundBytes: 0 };
  const first = frames[0]!.captured;
  const start = performance.now() + 100;
  const dueAt = (captured: number): number => start + (captured - first) / 1000 + delayMs;
  const numbers = new Map(frames.filter(({ track }) => track === 0).map(
    ({ captured, number }) => [captured, number]));
  const numberAt = (captured: number): number => {
    for (const [time, number] of numbers) if (Math.abs(time - captured) < 1500) return number;
    return -1;
  };
  const ears = listen();
  const player = new Player(mount, {
    needKeyFrame: () => { ++played.keyFramesWanted; },
    failed: (problem) => { played.problem = problem; },
    sound: (state) => { played.sound.push(state); },
    presented(captured, at) {
      played.shown.push({ stamp: readStamp(player.picture!, SIZE.width, SIZE.height),
                          expected: numberAt(captured), lateMs: at - dueAt(captured) });
    },
  });
  player.configure(description);
  player.setMuted(!sound);
  for (const { data, ...frame } of frames) {
    const arrival = start + (frame.captured - first) / 1000;
    while (performance.now() < arrival)
      await new Promise((next) => { setTimeout(next, arrival - performance.now()); });
    if (frame.track === 0 && faults.lost?.includes(frame.number)) continue;
    const damaged = frame.track === 0 && faults.damaged?.includes(frame.number);
    const bytes = bytesOf(data);
    const full: EncodedFrame = { ...frame, data: damaged ? bytes.map((byte) => byte ^ 0x5a) : bytes };
    player.push({ frame: full, presentAt: dueAt(frame.captured), show: true, late: false });
  }
  const { picture } = player;
  played.element = picture?.tagName;
  await new Promise((next) => { setTimeout(next, delayMs + 400); });
  played.heard = ears.loudest();
  played.soundBytes = (picture as { webkitAudioDecodedByteCount?: number } | undefined)
    ?.webkitAudioDecodedByteCount ?? 0;
  player.close();
  return played;
}
