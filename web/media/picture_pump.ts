// Takes pictures out of a video element that shows a camera, each once, all of one size.
import { FrameGate } from './frame_gate.js';
import type { PictureSize } from './picture_encoder.js';

const MAX_CAPTURE_AGE_MS = 1_000;  // what a browser says beyond this is not about our clock

// Safari and Chromium say how a camera is held; encoders take no notice.
interface Turned { rotation?: number; flip?: boolean }

export class PicturePump {
  private readonly video: HTMLVideoElement;
  private readonly size: PictureSize;
  private readonly take: (picture: VideoFrame) => void;
  private readonly gate: FrameGate;
  private canvas: CanvasRenderingContext2D | undefined;
  private request: number;
  private last = -Infinity;  // ms

  // `take` gets pictures whose timestamps are when they were captured, in microseconds of the
  // page's clock; they are closed after it returns.
  constructor(video: HTMLVideoElement, size: PictureSize, take: (picture: VideoFrame) => void) {
    this.video = video;
    this.size = size;
    this.take = take;
    this.gate = new FrameGate(size.fps);
    this.request = video.requestVideoFrameCallback(this.onPicture);
  }

  stop(): void {
    this.video.cancelVideoFrameCallback(this.request);
    if (this.canvas) this.canvas.canvas.width = this.canvas.canvas.height = 0;
    this.canvas = undefined;
  }

  private readonly onPicture: VideoFrameRequestCallback = (now, { captureTime }) => {
    this.request = this.video.requestVideoFrameCallback(this.onPicture);
    const known = captureTime !== undefined && captureTime <= now &&
      captureTime > now - MAX_CAPTURE_AGE_MS;
    const time = Math.max(known ? captureTime : now, this.last);
    if (!this.gate.admits(time)) return;
    this.last = time;
    const picture = this.grab(Math.round(time * 1000));
    this.take(picture);
    picture.close();
  };

  private grab(timestamp: number): VideoFrame {
    const { video, size: { width, height } } = this;
    if (video.videoWidth === width && video.videoHeight === height) {
      const picture = new VideoFrame(video, { timestamp });
      const { rotation = 0, flip = false } = picture as Turned;
      if (rotation === 0 && !flip) return picture;
      picture.close();
    }
    return new VideoFrame(this.draw(), { timestamp });
  }

  // Whatever shape the camera has now: whole, in the middle, with black around it.
  private draw(): HTMLCanvasElement {
    const { video, size: { width, height } } = this;
    if (!this.canvas) {
      const canvas = document.createElement('canvas');
      Object.assign(canvas, { width, height });
      this.canvas = canvas.getContext('2d', { alpha: false })!;
    }
    const scale = Math.min(width / video.videoWidth, height / video.videoHeight);
    const [w, h] = [video.videoWidth * scale, video.videoHeight * scale];
    this.canvas.clearRect(0, 0, width, height);
    this.canvas.drawImage(video, (width - w) / 2, (height - h) / 2, w, h);
    return this.canvas.canvas;
  }
}
