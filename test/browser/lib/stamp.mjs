// A number in the picture, as host/stamp/stamp.h has it: blocks of black and white over the top.

const COLUMNS = 32;
const ROWS = 2;
const ROWS_PER_PICTURE = 18;
const SURELY_BLACK = 80;   // of RGB, 0 to 255
const SURELY_WHITE = 175;

// CRC-16/CCITT-FALSE over the six bytes of the value.
function crc16(value) {
  let crc = 0xffff;
  for (let byte = 5; byte >= 0; --byte) {
    crc ^= (Math.floor(value / 256 ** byte) & 0xff) << 8;
    for (let i = 0; i < 8; ++i) crc = (crc & 0x8000 ? crc << 1 ^ 0x1021 : crc << 1) & 0xffff;
  }
  return crc;
}

function blockOf(bit, width, height) {
  const column = bit % COLUMNS;
  const row = Math.floor(bit / COLUMNS);
  const left = Math.floor(column * width / COLUMNS);
  const top = Math.floor(row * height / ROWS_PER_PICTURE);
  return { left, top, width: Math.floor((column + 1) * width / COLUMNS) - left,
           height: Math.floor((row + 1) * height / ROWS_PER_PICTURE) - top };
}

// What a stamp of `value` paints on a picture of that size.
export function stampBlocks(value, width, height) {
  const bits = value.toString(2).padStart(48, '0') + crc16(value).toString(2).padStart(16, '0');
  return [...bits].map((bit, at) => ({ ...blockOf(at, width, height), set: bit === '1' }));
}

export function writeStamp(context, value) {
  const { width, height } = context.canvas;
  for (const block of stampBlocks(value, width, height)) {
    context.fillStyle = block.set ? '#fff' : '#000';
    context.fillRect(block.left, block.top, block.width, block.height);
  }
}

// From a picture of any size with the same field of view; undefined: there is none, or damaged.
export function readStamp(picture, width, height) {
  const context = scratch(width, Math.ceil(ROWS * height / ROWS_PER_PICTURE));
  context.drawImage(picture, 0, 0, width, height);
  const { data } = context.getImageData(0, 0, width, context.canvas.height);
  let bits = '';
  for (let bit = 0; bit < COLUMNS * ROWS; ++bit) {
    const block = blockOf(bit, width, height);
    const x = block.left + (block.width >> 1);
    const y = block.top + (block.height >> 1);
    const shade = data[(y * width + x) * 4 + 1];
    if (shade > SURELY_BLACK && shade < SURELY_WHITE) return undefined;
    bits += shade >= SURELY_WHITE ? '1' : '0';
  }
  const value = parseInt(bits.slice(0, 48), 2);
  return crc16(value) === parseInt(bits.slice(48), 2) ? value : undefined;
}

let kept;

function scratch(width, height) {
  if (kept?.canvas.width !== width || kept.canvas.height !== height)
    kept = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  return kept;
}
