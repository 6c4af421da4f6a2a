// One end of a WebRTC connection whose signalling goes through the driver (process messages).
import datachannel from 'node-datachannel';

// Unordered and never sent again: a data channel as close to a datagram as WebRTC has it.
const CHANNEL = { unordered: true, maxRetransmits: 0 };

const connections = new Map();
const channels = [];  // a channel closes once nothing refers to it any more

// A connection with `remote`, the driver's name for the other process.
export function connect(remote, onChannel) {
  const connection = new datachannel.PeerConnection(remote, {
    iceServers: [],
    bindAddress: '127.0.0.1',
  });
  connection.onLocalDescription((sdp, type) =>
    process.send({ to: remote, description: { sdp, type } }));
  connection.onLocalCandidate((candidate, mid) =>
    process.send({ to: remote, candidate: { candidate, mid } }));
  connection.onDataChannel((channel) => {
    channels.push(channel);
    onChannel(channel);
  });
  connections.set(remote, connection);
  return connection;
}

// A new channel to `remote`; `onOpen` is called once it carries messages.
export function openChannel(remote, onOpen) {
  const channel = connect(remote, () => {}).createDataChannel('media', CHANNEL);
  channels.push(channel);
  channel.onOpen(onOpen);
  return channel;
}

// Handles signalling; hands every other message to `onOther`.
export function listen(onOther) {
  process.on('message', (message) => {
    const connection = connections.get(message.from);
    if (message.description) {
      connection.setRemoteDescription(message.description.sdp, message.description.type);
    } else if (message.candidate) {
      connection.addRemoteCandidate(message.candidate.candidate, message.candidate.mid);
    } else {
      onOther(message);
    }
  });
  process.on('disconnect', () => process.exit(0));
  process.send({ to: 'driver', ready: true });
}
