// One receiver.
import { connect, listen } from './peer.mjs';

let bytes = 0;
connect('relay', (parent) => parent.onMessage((message) => { bytes += message.length; }));

listen((message) => {
  if (message.count) process.send({ to: 'driver', received: bytes });
});
