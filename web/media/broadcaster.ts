// A broadcast from the camera and microphone: encoded frames for Session.publish().
import { AUDIO_TRACK, VIDEO_TRACK, type EncodedFrame, type EncoderHint, type StreamDescription }
  from '../core/types.js';
import { hasTorch, openCamera, openDevices, pictureSize, setTorch, type Facing } from './camera.js';
import { CaptureError } from './capture_problem.js';
import { chooseEncoder } from './encoder_choice.js';
import { canEncodeSound, Microphone } from './microphone.js';
import { PictureEncoder, type EncoderChoice, type PictureSize } from './picture_encoder.js';
import { PicturePump } from './picture_pump.js';
import { WakeLock } from './wake_lock.js';

const FPS = 20;
const FIRST_BITRATE = 800_000;  // until the swarm says what it takes
const CAMERA_LIMIT_MS = 10_000;

export interface BroadcastOptions {
  facing: Facing;
  microphone: boolean;  // without one, or without leave for it, there is no sound
  torch?: boolean;
}

export interface BroadcastEvents {
  // `capturedAt` is on the clock of performance.now().
  frame(frame: EncodedFrame, capturedAt: number): void;
  // Unplugged, or taken by the system.
  lost(device: 'camera' | 'microphone'): void;
  // The encoder gives no pictures any more.
  failed(): void;
}

export class Broadcaster {
  // Shows what is sent; the page may put it anywhere.
  readonly preview: HTMLVideoElement;
  private readonly events: BroadcastEvents;
  private readonly choice: EncoderChoice;
  private readonly size: PictureSize;
  private readonly encoder: PictureEncoder;
  private readonly pump: PicturePump;
  private readonly wakeLock = new WakeLock();
  private readonly microphone: Microphone | undefined;
  private readonly sound: MediaStreamTrack | undefined;
  private camera: MediaStreamTrack;
  private facing: Facing;
  private closed = false;

  // Throws a CaptureError.
  static async open(options: BroadcastOptions, events: BroadcastEvents): Promise<Broadcaster> {
    const stream = await openDevices(options.facing, FPS, options.microphone && canEncodeSound());
    const preview = previewOf(stream);
    try {
      await started(preview);
      const size = { ...pictureSize(preview.videoWidth, preview.videoHeight), fps: FPS };
      const choice = await chooseEncoder(size);
      if (!choice) throw new CaptureError('no_encoder');
      const broadcaster = new Broadcaster(stream, preview, choice, size, options.facing, events);
      if (options.torch) await broadcaster.torch(true);
      return broadcaster;
    } catch (error) {
      forget(preview);
      for (const track of stream.getTracks()) track.stop();
      throw error;
    }
  }

  private constructor(stream: MediaStream, preview: HTMLVideoElement, choice: EncoderChoice,
                      size: PictureSize, facing: Facing, events: BroadcastEvents) {
    this.events = events;
    this.preview = preview;
    this.choice = choice;
    this.size = size;
    this.facing = facing;
    this.camera = stream.getVideoTracks()[0]!;
    [this.sound] = stream.getAudioTracks();
    const frame = (encoded: EncodedFrame, capturedAt: number): void => {
      if (!this.closed) events.frame(encoded, capturedAt);
    };
    this.encoder = new PictureEncoder(choice, size, FIRST_BITRATE, {
      frame, failed: () => events.failed() });
    this.pump = new PicturePump(preview, size, (picture) => this.encoder.encode(picture));
    this.watch(this.camera, 'camera');
    if (this.sound) {
      this.microphone = new Microphone(frame);
      this.watch(this.sound, 'microphone');
      void this.microphone.start(this.sound).catch(() => this.lose('microphone'));
    }
    this.wakeLock.hold();
  }

  description(): StreamDescription {
    const { choice: { codec }, size } = this;
    return {
      video: [{ track: VIDEO_TRACK, codec, ...size }],
      audio: this.sound
        ? [{ track: AUDIO_TRACK, codec: 'opus', sampleRate: 48_000, channels: 1 }] : [],
      playout: 0,
    };
  }

  setTarget({ bitsPerSecond, soundOnly }: EncoderHint): void {
    this.encoder.setTarget(bitsPerSecond, soundOnly);
  }

  keyFrame(): void {
    this.encoder.keyFrame();
  }

  get hasSound(): boolean {
    return this.sound !== undefined;
  }

  // Silence is sent meanwhile: who watches need not find the sound anew.
  setMicrophone(on: boolean): void {
    if (this.sound) this.sound.enabled = on;
  }

  get hasTorch(): boolean {
    return hasTorch(this.camera);
  }

  // False: there is none, or it refuses.
  torch(on: boolean): Promise<boolean> {
    return setTorch(this.camera, on);
  }

  // To the camera on the other side. Phones open one at a time: if the other cannot be had, back to
  // this one. Throws a CaptureError if neither can.
  async switchCamera(): Promise<void> {
    const before = this.facing;
    this.camera.onended = null;
    this.camera.stop();
    this.facing = before === 'user' ? 'environment' : 'user';
    const camera = await openCamera(this.facing, FPS).catch(() => {
      this.facing = before;
      return openCamera(before, FPS);
    });
    if (this.closed) return camera.stop();
    this.camera = camera;
    this.watch(camera, 'camera');
    this.preview.srcObject = new MediaStream([camera]);
    this.encoder.keyFrame();
    await started(this.preview);
  }

  // Lets go of the devices and of every picture and sound.
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.pump.stop();
    this.encoder.close();
    this.microphone?.close();
    this.wakeLock.release();
    for (const track of [this.camera, this.sound]) {
      if (!track) continue;
      track.onended = null;
      track.stop();
    }
    forget(this.preview);
  }

  private watch(track: MediaStreamTrack, device: 'camera' | 'microphone'): void {
    track.onended = () => this.lose(device);
  }

  private lose(device: 'camera' | 'microphone'): void {
    if (!this.closed) this.events.lost(device);
  }
}

function previewOf(stream: MediaStream): HTMLVideoElement {
  const preview = document.createElement('video');
  preview.muted = true;  // the sound would come back through the microphone
  preview.playsInline = true;
  preview.srcObject = new MediaStream(stream.getVideoTracks());
  return preview;
}

// Resolves when the camera's first picture is there.
async function started(preview: HTMLVideoElement): Promise<void> {
  let late: ReturnType<typeof setTimeout> | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    late = setTimeout(() => reject(new CaptureError('in_use')), CAMERA_LIMIT_MS);
  });
  const shown = new Promise<void>((resolve) => {
    preview.requestVideoFrameCallback(() => resolve());
  });
  await Promise.race([preview.play().then(() => shown), tooLate]).finally(
    () => clearTimeout(late));
}

function forget(preview: HTMLVideoElement): void {
  preview.pause();
  preview.srcObject = null;
  preview.remove();
}
