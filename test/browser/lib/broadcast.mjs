// The native program: live with its test picture, with its gateway; or watching.
import { JsonProcess } from '../../interop/lib/json_process.mjs';

const programs = process.env.SWARMCAST_BIN ??
  new URL('../../../build/release', import.meta.url).pathname;

export class Broadcast extends JsonProcess {
  static async start({ listen = '127.0.0.1:0' } = {}) {
    const broadcast = new Broadcast(`${programs}/swarmcast`, [
      'broadcast', '--input', 'test', '--listen', listen, '--json']);
    const { url } = await broadcast.event('invite');
    broadcast.invite = url;
    broadcast.origin = new URL(url).origin;
    return broadcast;
  }

  stop() {
    this.child.kill('SIGTERM');
    return super.stop();
  }
}

export class Watch extends JsonProcess {
  static start(invite) {
    return new Watch(`${programs}/swarmcast`, [
      'watch', invite, '--out', 'none', '--listen', '127.0.0.1:0', '--json']);
  }

  stop() {
    this.child.kill('SIGTERM');
    return super.stop();
  }
}
