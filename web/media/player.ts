// Shows a broadcast: by WebCodecs on a canvas where the page came securely, else by Media Source
// Extensions.
import type { FrameOut, StreamDescription } from '../core/types.js';
import { CanvasOutput } from './canvas_output.js';
import { MAX_UNITS } from './media_limits.js';
import { mseProblem, MseOutput } from './mse_output.js';
import { webCodecsName } from './picture_decoder.js';
import type { Clock, PlayerEvents, PlayerProblem } from './player_events.js';
import { SoundOutput } from './sound_output.js';

interface Outputs {
  video?: CanvasOutput;
  sound?: SoundOutput;
  mse?: MseOutput;
}

async function webCodecsCan({ video: [video], audio: [audio] }: StreamDescription) {
  if (video && !('VideoDecoder' in window)) return false;
  if (audio && !('AudioDecoder' in window)) return false;
  if (!video) return true;
  const codec = webCodecsName(video.codec);
  if (!codec) return false;
  const { width, height } = video;
  const { supported } = await VideoDecoder.isConfigSupported(
    { codec, codedWidth: width, codedHeight: height });
  return supported === true;
}

export class Player {
  private readonly mount: HTMLElement;
  private readonly events: PlayerEvents;
  private readonly clock: Clock;
  private outputs: Outputs | undefined;
  private early: FrameOut[] = [];  // what came while the browser was asked what it can do
  private description: StreamDescription | undefined;
  private muted = true;

  // Puts its canvas or video element into `mount`.
  constructor(mount: HTMLElement, events: PlayerEvents, clock: Clock = () => performance.now()) {
    this.mount = mount;
    this.events = events;
    this.clock = clock;
  }

  // The element with the picture, once there is one.
  get picture(): HTMLCanvasElement | HTMLVideoElement | undefined {
    return this.outputs?.video?.element ?? this.outputs?.mse?.element;
  }

  // The tracks are known, or have changed.
  configure(description: StreamDescription): void {
    this.close();
    this.description = description;
    void webCodecsCan(description).then((can) => {
      if (this.description === description) this.open(description, can);
    });
  }

  push(unit: FrameOut): void {
    if (!this.description) return;
    const { outputs } = this;
    if (!outputs) {
      if (this.early.length < MAX_UNITS) this.early.push(unit);
      return;
    }
    if (outputs.mse) outputs.mse.push(unit);
    else if (unit.frame.track === this.description.video[0]?.track) outputs.video?.push(unit);
    else if (unit.frame.track === this.description.audio[0]?.track) outputs.sound?.push(unit);
  }

  // Sound is off at first. Call with false within a tap if the state is `blocked`.
  setMuted(muted: boolean): void {
    this.muted = muted;
    this.outputs?.mse?.setMuted(muted);
    this.outputs?.sound?.setMuted(muted);
  }

  // Forgets every picture and sound.
  close(): void {
    this.outputs?.video?.close();
    this.outputs?.sound?.close();
    this.outputs?.mse?.close();
    this.outputs = this.description = undefined;
    this.early = [];
  }

  private open(description: StreamDescription, webCodecs: boolean): void {
    const problem: PlayerProblem | undefined = webCodecs ? undefined : mseProblem(description);
    this.outputs = {};
    if (problem) {
      this.events.failed?.(problem);
    } else if (webCodecs) {
      const { video: [video], audio: [audio] } = description;
      if (video) this.outputs.video = new CanvasOutput(this.mount, video, this.events, this.clock);
      if (audio) this.outputs.sound = new SoundOutput(audio, this.events, this.clock);
    } else {
      this.outputs.mse = new MseOutput(this.mount, description, this.events, this.clock);
    }
    if (description.audio.length === 0) this.events.sound?.('none');
    this.setMuted(this.muted);
    for (const unit of this.early.splice(0)) this.push(unit);
  }
}
