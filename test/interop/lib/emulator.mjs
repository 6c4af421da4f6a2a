// An emulated network (tools/wan): named hosts with addresses of their own.
import { JsonProcess } from './json_process.mjs';

export const programs = process.env.SWARMCAST_BIN ??
  new URL('../../../build/release', import.meta.url).pathname;

const NOT_ALLOWED = 77;

export class Emulator {
  // null if this machine does not allow network namespaces.
  static async create(names, seed = 1) {
    const emulator = new Emulator();
    emulator.process = new JsonProcess(`${programs}/wan-emulator`, ['--seed', String(seed)]);
    emulator.hosts = {};
    for (const [index, name] of names.entries()) {
      const address = `10.77.${index + 1}.1`;
      try {
        const { netns } = await emulator.command(`host ${name} ${address}`);
        emulator.hosts[name] = { address, netns };
      } catch (error) {
        if (await emulator.process.stop() === NOT_ALLOWED) return null;
        throw error;
      }
    }
    return emulator;
  }

  // One line of the language of tools/wan/command.h.
  async command(line) {
    const answer = await this.process.ask(line, () => true);
    if (answer.event === 'error') throw new Error(`emulator: ${line}: ${answer.message}`);
    return answer;
  }

  stop() {
    return this.process.stop();
  }
}

// The command line that runs `command` at a host.
export const inside = (host, ...command) => ['nsenter', `--net=${host.netns}`, ...command];
