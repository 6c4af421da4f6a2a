// The phone's camera and microphone.
import { captureProblem, CaptureError } from './capture_problem.js';

export type Facing = 'user' | 'environment';

// Constraints of the torch, which is in no type library: it is a phone's.
interface Torch { torch?: boolean }

const WIDTH = 640;
const HEIGHT = 360;

const picture = (facing: Facing, fps: number): MediaTrackConstraints => ({
  facingMode: { ideal: facing }, width: { ideal: WIDTH }, height: { ideal: HEIGHT },
  frameRate: { ideal: fps } });

const SOUND: MediaTrackConstraints =
  { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true };

const ask = (constraints: MediaStreamConstraints): Promise<MediaStream> =>
  navigator.mediaDevices.getUserMedia(constraints).catch((error: unknown) => {
    throw new CaptureError(captureProblem(error));
  });

// Both in one question. Without a microphone, or without leave for it, the camera alone.
export async function openDevices(facing: Facing, fps: number,
                                  microphone: boolean): Promise<MediaStream> {
  if (!window.isSecureContext || !navigator.mediaDevices) throw new CaptureError('insecure');
  const video = picture(facing, fps);
  if (!microphone) return ask({ video });
  try {
    return await ask({ video, audio: SOUND });
  } catch {
    return ask({ video });
  }
}

export async function openCamera(facing: Facing, fps: number): Promise<MediaStreamTrack> {
  const stream = await ask({ video: picture(facing, fps) });
  return stream.getVideoTracks()[0]!;
}

export const hasTorch = (camera: MediaStreamTrack): boolean =>
  (camera.getCapabilities?.() as Torch | undefined)?.torch === true;

// False: it has none, or refuses.
export async function setTorch(camera: MediaStreamTrack, on: boolean): Promise<boolean> {
  if (!hasTorch(camera)) return false;
  return camera.applyConstraints({ advanced: [{ torch: on } as MediaTrackConstraintSet] }).then(
    () => true, () => false);
}

// The picture's size for a camera's, shrunk to fit 640x360 held either way; sides are even.
export function pictureSize(width: number, height: number): { width: number; height: number } {
  const even = (side: number): number => Math.max(2, Math.round(side / 2) * 2);
  const scale = Math.min(1, WIDTH / Math.max(width, height), HEIGHT / Math.min(width, height));
  return { width: even(width * scale), height: even(height * scale) };
}
