// What a source may make us hold, however its stream is built. As host/media/player.cc.

export const MAX_UNITS = 256;  // more than the longest playout delay holds
export const MAX_UNIT_BYTES = 16 << 20;
export const MAX_SIDE = 4096;  // samples of a picture's width or height
export const MAX_OPUS_PACKET = 1_500;
