// The real module, in virtual time.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngineFailure } from './engine.ts';
import type { EncodedFrame, StreamDescription } from './types.ts';
import { World, type Node } from './world_for_test.ts';

const STREAM: StreamDescription = {
  video: [{ track: 0, codec: 'h264', width: 640, height: 360, fps: 20 }],
  audio: [{ track: 1, codec: 'opus', sampleRate: 48_000, channels: 1 }],
  playout: 0,
};
const INTERVAL_MS = 50;

// Chunks of four, T0 T2 T1 T2, as encoders of three layers give them.
function frameNumber(number: number): EncodedFrame {
  const indexInChunk = number % 4;
  const data = new Uint8Array(number % 20 === 0 ? 9_000 : 1_000 + 700 * (number % 5));
  for (let i = 0; i < data.length; ++i) data[i] = i * 31 + number;
  return { track: 0, number, indexInChunk, temporalId: ([0, 2, 1, 2] as const)[indexInChunk]!,
           key: number % 40 === 0, dependsOn: number % 40 === 0 ? 0 : [4, 1, 2, 1][indexInChunk]!,
           captured: 0, data };
}

function goLive(world: World, source: Node, count: number): void {
  for (let number = 0; number < count; ++number) {
    world.after(number * INTERVAL_MS, () => {
      source.engine.publish(world.now, frameNumber(number), world.now);
      world.drain(source);
    });
  }
}

async function chain(): Promise<{ world: World; source: Node; relay: Node; viewer: Node }> {
  const world = new World();
  const source = await world.add({ role: 'source', stream: STREAM, bitsPerSecond: 800_000 });
  goLive(world, source, 200);
  world.run(500);
  const relay = await world.add({ role: 'relay', parentOnly: true }, source);
  world.run(1_000);
  const viewer = await world.add({ role: 'viewer', parentOnly: true, browser: true }, relay);
  return { world, source, relay, viewer };
}

function checkFrames(viewer: Node, atLeast: number): void {
  assert.ok(viewer.frames.length >= atLeast, `${viewer.frames.length} frames`);
  let last = -1;
  for (const { frame, presentAt } of viewer.frames) {
    const published = frameNumber(frame.number);
    assert.deepEqual({ ...frame, captured: 0 }, published);
    assert.ok(frame.captured > last && Number.isFinite(presentAt));
    last = frame.captured;
  }
}

test('a viewer behind a relay gets the frames that the source published', async () => {
  const { world, source, relay, viewer } = await chain();
  world.run(8_000);
  checkFrames(viewer, 130);
  assert.equal(viewer.engine.stats(world.now).hop, 2);
  assert.equal(viewer.engine.stats(world.now).frames.missing, 0);
  assert.equal(relay.engine.stats(world.now).children, 1);
  assert.equal(source.engine.stats(world.now).children, 1);
  const known = viewer.others.find(({ kind }) => kind === 'streamKnown');
  assert.deepEqual(known, { kind: 'streamKnown', stream: STREAM });
});

test('losses on every link are repaired', async () => {
  const { world, viewer } = await chain();
  world.run(1_000);
  world.lose(0.05);
  world.run(7_000);
  checkFrames(viewer, 120);
  const { repair, frames } = viewer.engine.stats(world.now);
  assert.ok(repair.nakSent > 0);
  assert.ok(frames.onTime >= 0.99 * frames.expected, JSON.stringify(frames));
});

test('the source ends it for everybody', async () => {
  const { world, source, viewer } = await chain();
  world.run(2_000);
  source.engine.stop(world.now);
  world.drain(source);
  world.run(1_000);
  assert.deepEqual(viewer.others.at(-1), { kind: 'ended', reason: 'source_ended' });
});

test('the invite of another swarm is told as such', async () => {
  const world = new World();
  const source = await world.add({ role: 'source', stream: STREAM });
  const viewer = await world.add({ role: 'viewer', secret: new Uint8Array(16) }, source);
  world.run(3_000);
  assert.deepEqual(viewer.others.at(-1), { kind: 'ended', reason: 'wrong_secret' });
});

test('a wiped engine leaves no byte', async () => {
  let memory: WebAssembly.Memory | undefined;
  const instantiate = WebAssembly.instantiate;
  WebAssembly.instantiate = (async (module: WebAssembly.Module, imports: WebAssembly.Imports) => {
    const instance = await instantiate(module, imports);
    // libsodium gives bytes, and gets something else.
    if (!(module instanceof WebAssembly.Module)) return instance;
    memory = instance.exports['memory'] as WebAssembly.Memory;
    return instance;
  }) as typeof WebAssembly.instantiate;
  try {
    const world = new World();
    const source = await world.add({ role: 'source', stream: STREAM });
    goLive(world, source, 20);
    world.run(1_500);
    const bytes = new Uint8Array(memory!.buffer);
    assert.ok(bytes.some((byte) => byte !== 0));
    source.engine.wipe();
    assert.ok(bytes.length > 8 << 20 && !bytes.some((byte) => byte !== 0));
  } finally {
    WebAssembly.instantiate = instantiate;
  }
});

test('a failed check of our own is an error that names it', async () => {
  const video = [{ ...STREAM.video[0]!, width: 5 }];
  await assert.rejects(new World().add({ role: 'source', stream: { ...STREAM, video } }),
                       (error) => error instanceof EngineFailure && /valid\(/.test(error.message));
});
