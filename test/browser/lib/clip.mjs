// A clip for Chromium's fake camera (Y4M), whose pictures are stamped with their numbers.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stampBlocks } from './stamp.mjs';

const BLACK = 16;
const WHITE = 235;
const GREY = 128;

function stampedPicture(width, height, number) {
  const luma = Buffer.alloc(width * height, GREY);
  for (const { left, top, width: w, height: h, set } of stampBlocks(number, width, height)) {
    for (let y = top; y < top + h; ++y)
      luma.fill(set ? WHITE : BLACK, y * width + left, y * width + left + w);
  }
  // Something that moves.
  const x = number * 8 % (width - 60);
  for (let y = height >> 1; y < (height >> 1) + 60; ++y)
    luma.fill(200, y * width + x, y * width + x + 60);
  return Buffer.concat([Buffer.from('FRAME\n'), luma, Buffer.alloc(width * height / 2, GREY)]);
}

// Chromium plays it over and over. {path, remove()}.
export async function stampedClip({ width = 640, height = 360, fps = 20, count = 100 } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'swarmcast-clip-'));
  const path = join(folder, 'clip.y4m');
  await writeFile(path, Buffer.concat([
    Buffer.from(`YUV4MPEG2 W${width} H${height} F${fps}:1 Ip A1:1 C420jpeg\n`),
    ...Array.from({ length: count }, (_, number) => stampedPicture(width, height, number))]));
  return { path, remove: () => rm(folder, { recursive: true }) };
}
