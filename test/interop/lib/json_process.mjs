// A child process that prints lines of JSON with "event" and takes lines on its stdin.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const LIMIT_MS = 15_000;
const KEPT_TEXT = 4_000;  // characters of what it printed besides

export class JsonProcess {
  constructor(command, args, options = {}) {
    this.name = command.split('/').at(-1);
    this.events = [];
    this.waiting = new Set();
    this.text = '';
    this.child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], ...options });
    this.child.stdin.on('error', () => {});  // it has ended: `exited` tells
    this.exited = new Promise((resolve) => {
      this.child.on('error', (error) => { this.text += error.message; resolve(-1); });
      this.child.on('exit', (code, signal) => resolve(code ?? signal));
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => this.take(line));
    }
    this.exited.then(() => this.waiting.forEach((waiter) => waiter.end()));
  }

  take(line) {
    let event;
    try {
      event = JSON.parse(line);
    } catch {
      event = undefined;
    }
    if (typeof event?.event !== 'string') {
      this.text = `${this.text}${line}\n`.slice(-KEPT_TEXT);
      return;
    }
    this.events.push(event);
    this.waiting.forEach((waiter) => waiter.look());
  }

  // The first event from number `from` on that `wanted` accepts.
  event(wanted, from = 0, limitMs = LIMIT_MS) {
    const accept = typeof wanted === 'string' ? ({ event }) => event === wanted : wanted;
    return new Promise((resolve, reject) => {
      const fail = (why) =>
        reject(new Error(`${this.name}: ${why} while waiting for ${wanted}\n${this.text}`));
      const waiter = { look: () => {
        const found = this.events.slice(from).find(accept);
        if (found) finish(resolve, found);
      }, end: () => finish(fail, 'it ended') };
      const timer = setTimeout(() => finish(fail, `nothing within ${limitMs} ms`), limitMs);
      const finish = (how, value) => {
        clearTimeout(timer);
        this.waiting.delete(waiter);
        how(value);
      };
      this.waiting.add(waiter);
      waiter.look();
    });
  }

  write(line) {
    this.child.stdin.write(`${line}\n`);
  }

  // Sends a command; the first event after it that `wanted` accepts.
  ask(line, wanted, limitMs) {
    const from = this.events.length;
    this.write(line);
    return this.event(wanted, from, limitMs);
  }

  // Closes its stdin, which ends it, or kills it where that does not.
  async stop(limitMs = 3_000) {
    this.child.stdin.end();
    const timer = setTimeout(() => this.child.kill('SIGKILL'), limitMs);
    const code = await this.exited;
    clearTimeout(timer);
    return code;
  }
}
