// A TURN server at a host of the emulated network.
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inside } from './emulator.mjs';
import { JsonProcess } from './json_process.mjs';

const PORT = 3478;
const READY_MS = 15_000;
const POLL_MS = 50;

const accepts = (address, port) => new Promise((resolve) => {
  const socket = connect(port, address);
  const finish = (answer) => {
    socket.destroy();
    resolve(answer);
  };
  socket.on('connect', () => finish(true));
  socket.on('error', () => finish(false));
  socket.setTimeout(POLL_MS * 10, () => finish(false));
});

export class Coturn extends JsonProcess {
  static async start(host) {
    const user = 'viewer';
    const password = 'not-a-secret';
    const [command, ...args] = inside(
      host, 'turnserver', '-n', `--listening-ip=${host.address}`, `--relay-ip=${host.address}`,
      `--listening-port=${PORT}`, '--lt-cred-mech', `--user=${user}:${password}`,
      '--realm=swarmcast.test', '--no-tls', '--no-dtls', '--no-cli', '--simple-log',
      '--log-file=stdout', '--pidfile=', `--userdb=${join(tmpdir(), 'turndb')}`);
    const coturn = new Coturn(command, args);
    Object.assign(coturn, { user, password, endpoint: `${host.address}:${PORT}` });
    await coturn.ready(host);
    return coturn;
  }

  // It listens on both at about the same time; TCP can be asked.
  async ready(host) {
    const until = performance.now() + READY_MS;
    while (!await accepts(host.address, PORT)) {
      if (performance.now() > until) {
        await this.stop();
        throw new Error(`turnserver does not start:\n${this.text}`);
      }
      await sleep(POLL_MS);
    }
  }

  stop() {
    this.child.kill('SIGTERM');
    return super.stop();
  }
}
