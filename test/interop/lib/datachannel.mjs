// npm node-datachannel (libdatachannel, libjuice, usrsctp) behind the interface of a browser's
// page: the page's own scripts run in this process, on its RTCPeerConnection.
import { setTimeout as sleep } from 'node:timers/promises';
import { cleanup } from 'node-datachannel';
import { RTCPeerConnection } from 'node-datachannel/polyfill';
import { within } from './browser.mjs';

const CALL_LIMIT_MS = 20_000;
const CLOSING_MS = 200;
const connections = [];

// The library ends only when every connection is closed.
class Connection extends RTCPeerConnection {
  constructor(configuration) {
    super(configuration);
    connections.push(this);
  }
}

export async function openDatachannel() {
  Object.assign(globalThis, { window: globalThis, RTCPeerConnection: Connection });
  await import('../page/main.js');
  const { interop } = globalThis;
  const clockMs = Number(process.hrtime.bigint()) / 1e6;
  interop.setClock(clockMs - performance.now());
  return {
    call: (name, parameters = {}) => within(
      CALL_LIMIT_MS, `node-datachannel: ${name}`, Promise.resolve(interop[name](parameters))),
    close: async () => {
      for (const connection of connections) connection.close();
      await sleep(CLOSING_MS);
      cleanup();
    },
  };
}
