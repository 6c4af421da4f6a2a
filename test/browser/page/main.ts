// What the tests call, as window.test.
import { play } from './playing.js';
import { record } from './recording.js';

declare global {
  interface Window {
    atOnce?: [name: keyof typeof test, parameters: never];
    report?(outcome: unknown): void;
  }
}

const test = { record, play };
Object.assign(globalThis, { test });
if (window.atOnce) {
  const [name, parameters] = window.atOnce;
  void test[name](parameters).then((outcome) => window.report?.(outcome));
}
