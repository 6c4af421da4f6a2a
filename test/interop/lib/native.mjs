// The native end: interop_peer at a host of the emulated network.
import { inside, programs } from './emulator.mjs';
import { JsonProcess } from './json_process.mjs';

export class Native extends JsonProcess {
  // `options` as interop_peer takes them.
  static async start(host, options = {}) {
    const given = Object.keys(options).length > 0 ? [JSON.stringify(options)] : [];
    const [command, ...args] =
      inside(host, `${programs}/interop_peer`, `${host.address}:0`, ...given);
    const native = new Native(command, args);
    // What a dialler needs to know: {endpoint, fingerprint, secret}.
    native.node = await native.event('listening');
    return native;
  }

  do(what, parameters = {}) {
    this.write(JSON.stringify({ do: what, ...parameters }));
  }

  // What it counted on `link`; with `delays` also each message's.
  async report(link, { delays = false } = {}) {
    const all = await this.ask(JSON.stringify({ do: 'report', delays }), 'report');
    return { ...all.links[link], alien: all.alien };
  }

  // The next link that comes up once `action` has begun; with what `action` came to.
  async linkOf(action) {
    const from = this.events.length;
    const result = await action();
    return [await this.event('up', from), result];
  }
}
