// What the tests call, as window.test.
import { broadcast, leftovers } from './broadcasting.js';
import { play } from './playing.js';
import { record } from './recording.js';

const test = { broadcast, leftovers, play, record };
Object.assign(globalThis, { test });
