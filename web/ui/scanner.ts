// Reads a QR code from the camera. Pictures go nowhere but through this function.
import decodeQR from 'qr/decode.js';

const SIDE = 640;        // pixels of the square that is searched
const PAUSE_MS = 120;    // between two looks: a phone must stay cool

export interface Scanner {
  stop(): void;
}

// The middle of the picture, as the finder on the screen shows it.
function look(video: HTMLVideoElement, context: CanvasRenderingContext2D): string | null {
  const from = Math.min(video.videoWidth, video.videoHeight);
  if (from === 0) return null;
  context.drawImage(video, (video.videoWidth - from) / 2, (video.videoHeight - from) / 2, from, from,
                    0, 0, SIDE, SIDE);
  try {
    return decodeQR(context.getImageData(0, 0, SIDE, SIDE));
  } catch {
    return null;  // no code in this picture
  }
}

// `found` is called with every text that is read, until it is stopped. Fails as getUserMedia does.
export async function scan(video: HTMLVideoElement, found: (text: string) => void): Promise<Scanner> {
  const stream = await navigator.mediaDevices.getUserMedia(
    { video: { facingMode: 'environment', width: { ideal: 1_280 } }, audio: false });
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = SIDE;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  let timer: number | undefined;
  let stopped = false;
  const stop = () => {
    stopped = true;
    clearTimeout(timer);
    for (const track of stream.getTracks()) track.stop();
    video.srcObject = null;
    context?.clearRect(0, 0, SIDE, SIDE);
  };
  const next = () => {
    const text = context && look(video, context);
    if (text) found(text);
    if (!stopped) timer = window.setTimeout(next, PAUSE_MS);
  };
  video.srcObject = stream;
  await video.play().catch(() => undefined);  // shown or not, it can be read
  next();
  return { stop };
}
