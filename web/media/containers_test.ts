import assert from 'node:assert/strict';
import { test } from 'node:test';
import { h264Mp4, opusMp4 } from './fmp4.js';
import { nalsOf, parameterSets, sampleOf, withoutRemarks } from './h264.js';
import { opusWebM, vpxWebM } from './webm.js';

type Node = [name: string, content: Tree | Uint8Array];
type Tree = Node[];

const view = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const PARENTS = ['moov', 'trak', 'mdia', 'minf', 'dinf', 'stbl', 'mvex', 'moof', 'traf'];
// How far into these their children begin.
const SKIPPED: Record<string, number> = { dref: 8, stsd: 8, avc1: 78, Opus: 28 };

// Every box; fails where sizes do not add up.
function boxes(bytes: Uint8Array): Tree {
  const tree: Tree = [];
  for (let at = 0; at < bytes.length;) {
    const size = view(bytes).getUint32(at);
    const name = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    assert.ok(size >= 8 && at + size <= bytes.length, `${name}: ${size} bytes at ${at}`);
    const content = bytes.subarray(at + 8, at + size);
    const skipped = PARENTS.includes(name) ? 0 : SKIPPED[name];
    tree.push([name, skipped === undefined ? content : boxes(content.subarray(skipped))]);
    at += size;
  }
  return tree;
}

function leaf(tree: Tree, ...path: string[]): Uint8Array {
  let content: Tree | Uint8Array = tree;
  for (const name of path) {
    assert.ok(!(content instanceof Uint8Array), `${name} in a leaf`);
    const found: Node | undefined = content.find(([other]) => other === name);
    assert.ok(found, `no ${name}`);
    content = found[1];
  }
  assert.ok(content instanceof Uint8Array);
  return content;
}

const SPS = Uint8Array.of(0x67, 0x42, 0xc0, 0x1f, 0x8c, 0x8d);
const PPS = Uint8Array.of(0x68, 0xce, 0x3c, 0x80 | 1);
const SLICE = Uint8Array.of(0x65, 0xb8, 0, 0, 3, 1, 2);
const KEY = Uint8Array.from([0, 0, 0, 1, ...SPS, 0, 0, 0, 1, ...PPS, 0, 0, 1, ...SLICE, 0]);

test('h264: start codes of three and four bytes, padding left out', () => {
  assert.deepEqual(nalsOf(KEY), [SPS, PPS, SLICE]);
  assert.deepEqual(nalsOf(Uint8Array.of(1, 2, 3, 4)), []);
  assert.deepEqual(nalsOf(Uint8Array.of(0, 0, 1)), []);
  assert.deepEqual(nalsOf(Uint8Array.of()), []);
});

test('h264: what an encoder says about itself is left out', () => {
  const unit = Uint8Array.from([0, 0, 0, 1, 6, 5, 1, 2, 0, 0, 1, ...SLICE, 0, 0, 1, 12, 255]);
  assert.deepEqual(withoutRemarks(unit), Uint8Array.from([0, 0, 0, 1, ...SLICE]));
  assert.equal(withoutRemarks(KEY), KEY);
});

test('h264: a sample has lengths instead, and no parameter sets', () => {
  assert.deepEqual(sampleOf(nalsOf(KEY)), Uint8Array.from([0, 0, 0, SLICE.length, ...SLICE]));
});

test('mp4: the header of an H.264 track', () => {
  const container = h264Mp4(parameterSets(nalsOf(KEY))!, 640, 360);
  assert.equal(container.type, 'video/mp4; codecs="avc1.42c01f"');
  const tree = boxes(container.init);
  assert.deepEqual(tree.map(([name]) => name), ['ftyp', 'moov']);
  const description = leaf(tree, 'moov', 'trak', 'mdia', 'minf', 'stbl', 'stsd', 'avc1', 'avcC');
  assert.deepEqual(description, Uint8Array.from([
    1, 0x42, 0xc0, 0x1f, 0xff, 0xe1, 0, SPS.length, ...SPS, 1, 0, PPS.length, ...PPS]));
  const header = leaf(tree, 'moov', 'trak', 'tkhd');
  assert.deepEqual([header.length, view(header).getUint32(76) >>> 16,
                    view(header).getUint32(80) >>> 16], [84, 640, 360]);
  assert.equal(leaf(tree, 'moov', 'mvhd').length, 100);
  assert.equal(view(leaf(tree, 'moov', 'trak', 'mdia', 'mdhd')).getUint32(12), 1_000_000);
});

test('mp4: a fragment says where, when, how long and how large its frame is', () => {
  const container = h264Mp4(parameterSets(nalsOf(KEY))!, 640, 360);
  const data = Uint8Array.of(9, 8, 7);
  const TIME = 2 ** 33 + 5;
  for (const [sequence, key] of [[1, true], [2, false]] as const) {
    const segment = container.segment({ time: TIME, duration: 50_000, key, data });
    const tree = boxes(segment);
    assert.deepEqual(tree.map(([name]) => name), ['moof', 'mdat']);
    assert.equal(view(leaf(tree, 'moof', 'mfhd')).getUint32(4), sequence);
    assert.equal(view(leaf(tree, 'moof', 'traf', 'tfdt')).getBigUint64(4), BigInt(TIME));
    const run = view(leaf(tree, 'moof', 'traf', 'trun'));
    const [count, offset, duration, size, flags] = [4, 8, 12, 16, 20].map(
      (at) => run.getUint32(at));
    assert.deepEqual([count, duration, size], [1, 50_000, 3]);
    assert.deepEqual(segment.slice(offset, offset! + size!), data);
    assert.equal(flags! >>> 16 & 1, key ? 0 : 1);
  }
});

test('mp4: Opus, timed in samples', () => {
  const container = opusMp4(1, 48_000);
  const path = ['moov', 'trak', 'mdia', 'minf', 'stbl', 'stsd', 'Opus', 'dOps'];
  assert.deepEqual(leaf(boxes(container.init), ...path),
                   Uint8Array.of(0, 1, 0, 0, 0, 0, 0xbb, 0x80, 0, 0, 0));
  const tree = boxes(container.segment(
    { time: 1_000_000, duration: 20_000, key: true, data: Uint8Array.of(1) }));
  assert.equal(view(leaf(tree, 'moof', 'traf', 'tfdt')).getBigUint64(4), 48_000n);
  assert.equal(view(leaf(tree, 'moof', 'traf', 'trun')).getUint32(12), 960);
});

const MASTERS = [0x1a45dfa3, 0x1549a966, 0x1654ae6b, 0xae, 0xe0, 0xe1, 0x1f43b675, 0xa0];
const SEGMENT = 0x18538067;

// Every EBML element, by its id in hex; the segment's children stand beside it.
function elements(bytes: Uint8Array): Tree {
  const tree: Tree = [];
  for (let at = 0; at < bytes.length;) {
    const idLength = Math.clz32(bytes[at]!) - 23;
    const id = bytes.subarray(at, at + idLength).reduce((sum, byte) => sum * 256 + byte, 0);
    at += idLength;
    const sizeLength = Math.clz32(bytes[at]!) - 23;
    let size = bytes[at]! & (0xff >> sizeLength);
    for (let n = 1; n < sizeLength; ++n) size = size * 256 + bytes[at + n]!;
    at += sizeLength;
    if (id === SEGMENT) {
      tree.push(['segment', bytes.subarray(at, at)]);
      continue;
    }
    assert.ok(at + size <= bytes.length, `${id.toString(16)}: ${size} bytes at ${at}`);
    const content = bytes.subarray(at, at + size);
    tree.push([id.toString(16), MASTERS.includes(id) ? elements(content) : content]);
    at += size;
  }
  return tree;
}

const text = (bytes: Uint8Array): string => String.fromCharCode(...bytes);

test('webm: the headers of VP8, VP9 and Opus', () => {
  const vp8 = vpxWebM('vp8', 640, 360);
  assert.equal(vp8.type, 'video/webm; codecs="vp8"');
  const tree = elements(vp8.init);
  assert.deepEqual(tree.map(([name]) => name), ['1a45dfa3', 'segment', '1549a966', '1654ae6b']);
  assert.equal(text(leaf(tree, '1a45dfa3', '4282')), 'webm');
  assert.equal(text(leaf(tree, '1654ae6b', 'ae', '86')), 'V_VP8');
  assert.equal(view(leaf(tree, '1654ae6b', 'ae', 'e0', 'b0')).getUint32(0), 640);
  assert.equal(text(leaf(elements(vpxWebM('vp9', 2, 2).init), '1654ae6b', 'ae', '86')), 'V_VP9');
  const opus = elements(opusWebM(1, 48_000).init);
  const head = leaf(opus, '1654ae6b', 'ae', '63a2');
  assert.equal(text(head.subarray(0, 8)), 'OpusHead');
  assert.equal(view(head).getUint32(12, true), 48_000);
  assert.equal(view(leaf(opus, '1654ae6b', 'ae', 'e1', 'b5')).getFloat32(0), 48_000);
});

test('webm: a cluster of one frame', () => {
  for (const key of [true, false]) {
    const tree = elements(vpxWebM('vp8', 640, 360).segment(
      { time: 5_000_123_000, duration: 50_000, key, data: Uint8Array.of(9, 8, 7) }));
    assert.equal(view(leaf(tree, '1f43b675', 'e7')).getBigUint64(0), 5_000_123n);
    const group = leaf(tree, '1f43b675', 'a0', 'a1');
    assert.deepEqual(group, Uint8Array.of(0x81, 0, 0, 0, 9, 8, 7));
    assert.equal(view(leaf(tree, '1f43b675', 'a0', '9b')).getUint32(0), 50);
    const names = (node: Node): string[] =>
      [node[0], ...(node[1] instanceof Uint8Array ? [] : node[1].flatMap(names))];
    assert.equal(tree.flatMap(names).includes('fb'), !key);
  }
});
