// Finds an encoder that works here. What browsers say of theirs is not enough: Firefox's H.264
// claims layers, gives none, and keeps dozens of pictures back.
import type { VideoCodec } from '../core/types.js';
import { encoderConfig, type EncoderChoice, type PictureSize } from './picture_encoder.js';

// Every viewer decodes the first; then what browsers encode best.
const CANDIDATES: [codec: VideoCodec, name: string][] = [
  ['h264', 'avc1.42e01f'], ['vp8', 'vp8'], ['vp9', 'vp09.00.31.08']];
const TRIAL_PICTURES = 5;
const TRIAL_BITRATE = 500_000;
const TRIAL_LIMIT_MS = 1_500;

// The first that gives what it should; undefined if there is none.
export async function chooseEncoder(size: PictureSize): Promise<EncoderChoice | undefined> {
  if (!('VideoEncoder' in globalThis)) return undefined;
  for (const layers of [true, false]) {
    for (const [codec, name] of CANDIDATES) {
      const choice = { codec, name, layers };
      if (await works(choice, size)) return choice;
    }
  }
  return undefined;
}

// Whether of a few pictures one comes back encoded before more are given, and the layers show.
async function works(choice: EncoderChoice, size: PictureSize): Promise<boolean> {
  const config = encoderConfig(choice, size, TRIAL_BITRATE);
  const { supported } = await VideoEncoder.isConfigSupported(config).catch(
    () => ({ supported: false }));
  if (!supported) return false;
  return new Promise((resolve) => {
    const end = (good: boolean): void => {
      clearTimeout(late);
      if (encoder.state !== 'closed') encoder.close();
      resolve(good);
    };
    const late = setTimeout(() => end(false), TRIAL_LIMIT_MS);
    const encoder = new VideoEncoder({
      output: (_, metadata) => {
        if (!choice.layers || (metadata?.svc?.temporalLayerId ?? 0) > 0) end(true);
      },
      error: () => end(false),
    });
    encoder.configure(config);
    for (let n = 0; n < TRIAL_PICTURES && encoder.state === 'configured'; ++n) {
      const picture = greyPicture(size, n);
      encoder.encode(picture, { keyFrame: n === 0 });
      picture.close();
    }
  });
}

function greyPicture({ width, height, fps }: PictureSize, number: number): VideoFrame {
  const timestamp = Math.round(number * 1e6 / fps);
  return new VideoFrame(new Uint8Array(width * height * 3 / 2).fill(128),
                        { format: 'I420', codedWidth: width, codedHeight: height, timestamp });
}
