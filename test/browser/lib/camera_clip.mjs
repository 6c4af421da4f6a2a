// A clip for the fake camera: the same picture over and over, as Y4M.
import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const web = createRequire(new URL('../../../web/package.json', import.meta.url));
const WIDTH = 640;
const HEIGHT = 480;
const FRAMES = 10;

// A QR code in the middle, on grey, as a screen shows it that somebody holds up.
export async function writeCodeClip(file, text) {
  const { default: encodeQR } = await import(pathToFileURL(web.resolve('qr')));
  const rows = encodeQR(text, 'raw', { ecc: 'medium', border: 4, encoding: 'byte' });
  const module = Math.floor(HEIGHT * 0.8 / rows.length);
  const side = module * rows.length;
  const [left, top] = [(WIDTH - side) >> 1, (HEIGHT - side) >> 1];
  const luma = Buffer.alloc(WIDTH * HEIGHT, 128);
  for (let y = 0; y < side; ++y)
    for (let x = 0; x < side; ++x) {
      const black = rows[Math.floor(y / module)][Math.floor(x / module)];
      luma[(top + y) * WIDTH + left + x] = black ? 24 : 230;
    }
  const chroma = Buffer.alloc(WIDTH * HEIGHT / 2, 128);
  const frame = Buffer.concat([Buffer.from('FRAME\n'), luma, chroma]);
  await writeFile(file, Buffer.concat([
    Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F10:1 Ip A1:1 C420\n`),
    ...Array(FRAMES).fill(frame)]));
}
