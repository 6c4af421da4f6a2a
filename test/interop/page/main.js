// What the tests ask of the page, as window.interop; links are named by numbers. Everything taken
// and given is JSON.
import { describe, midOf, toSdp } from './description.js';
import { dial, fromHex, openLanes, readInvite } from './direct_dial.js';
import { Initiator } from './hello.js';
import { Traffic } from './traffic.js';

const GATHERING_LIMIT_MS = 3_000;
const links = [];
const prepared = [];
let clockOffsetMs = 0;
const clock = () => (performance.now() + clockOffsetMs) * 1000;

function once(what, limitMs, start) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${what}: not within ${limitMs} ms`)), limitMs);
    start((value) => { clearTimeout(timer); resolve(value); });
  });
}

// Takes the link's messages from now on; resolves to its number once both lanes are open.
async function open({ connection, channels }, limitMs = 10_000) {
  const began = performance.now();
  const traffic = new Traffic((lane, bytes) => channels[lane].send(bytes), clock);
  const link = { connection, channels, traffic, closed: false };
  channels.forEach((channel, lane) => {
    channel.binaryType = 'arraybuffer';
    channel.onmessage = ({ data }) => traffic.take(lane, new Uint8Array(data));
    channel.onclose = () => { link.closed = true; };
  });
  await Promise.all(channels.map((channel) => once(`${channel.label} open`, limitMs, (done) => {
    if (channel.readyState === 'open') done();
    channel.onopen = done;
  })));
  links.push(link);
  return { link: links.length - 1, took_ms: performance.now() - began };
}

// The initiator's side of the link handshake: resolves to true once the node, having got our proof,
// speaks to us as to a proven neighbour.
async function proveLink({ connection, channels }, node, certificate) {
  const local = certificate.getFingerprints()
    .find(({ algorithm }) => algorithm === 'sha-256').value.replaceAll(':', '');
  const hello = await Initiator.create(fromHex(node.secret), {
    local: fromHex(local), remote: fromHex(node.fingerprint) });
  const [, control] = channels;
  let toSend = hello.hello1();
  const repeat = setInterval(() => control.send(toSend), 200);
  control.send(toSend);
  try {
    return await once('link proof', 5_000, (done) => {
      for (const channel of channels) {
        channel.onmessage = ({ data }) => {
          const message = new Uint8Array(data);
          const hello3 = hello.answer(message);
          if (hello3) {
            toSend = hello3;
            control.send(hello3);
          } else if (message[0] < 0x30 || message[0] > 0x33) {
            done(true);
          }
        };
      }
    });
  } finally {
    clearInterval(repeat);
    connection.close();
  }
}

// Resolves once all candidates are in the local description, or as many as came in time.
async function gathered(connection) {
  await once('gathering', GATHERING_LIMIT_MS, (done) => {
    connection.onicegatheringstatechange = () => {
      if (connection.iceGatheringState === 'complete') done();
    };
    connection.onicegatheringstatechange();
  }).catch(() => {});
  return connection.localDescription.sdp;
}

// What the other end is told: as facts, and as SDP.
async function tell(parts) {
  const sdp = await gathered(parts.connection);
  return { prepared: prepared.push(parts) - 1, description: describe(sdp), sdp };
}

window.interop = {
  now: () => performance.now(),
  setClock(offsetMs) { clockOffsetMs = offsetMs; },

  async dial({ node, dcep, limitMs }) { return open(await dial(node, { dcep }), limitMs); },

  // We offer: first this, then `complete` with the other end's answer.
  async offer({ configuration }) {
    const connection = new RTCPeerConnection(configuration);
    const channels = openLanes(connection);
    await connection.setLocalDescription();
    return tell({ connection, channels });
  },
  async complete({ prepared: number, description, sdp, limitMs }) {
    const parts = prepared[number];
    const mid = midOf(parts.connection.localDescription.sdp);
    await parts.connection.setRemoteDescription(
      { type: 'answer', sdp: sdp ?? toSdp(description, 'active', { mid }) });
    return open(parts, limitMs);
  },
  // The other end offers: first this, then `opened`.
  async answer({ configuration, description, sdp }) {
    const connection = new RTCPeerConnection(configuration);
    const channels = openLanes(connection);
    await connection.setRemoteDescription(
      { type: 'offer', sdp: sdp ?? toSdp(description, 'actpass') });
    await connection.setLocalDescription();
    return tell({ connection, channels });
  },
  opened({ prepared: number, limitMs }) { return open(prepared[number], limitMs); },
  async join({ invite }) {
    const node = readInvite(invite);
    const certificate = await RTCPeerConnection.generateCertificate(
      { name: 'ECDSA', namedCurve: 'P-256' });
    const parts = await dial(node, { certificates: [certificate] });
    await open(parts);
    return proveLink(parts, node, certificate);
  },

  echo({ link, ...what }) { links[link].traffic.echo(what); },
  stream({ link, ...what }) { links[link].traffic.stream(what); },
  report({ link, delays }) {
    const { traffic, closed, connection } = links[link];
    return { ...traffic.report(delays), closed, state: connection.connectionState };
  },
  close({ link }) {
    links[link].traffic.stop();
    links[link].connection.close();
  },
};
