// A relay that looks at nothing: every message from its one parent goes to every child.
import { connect, listen, openChannel } from './peer.mjs';

const children = [];
let bytesIn = 0;
let bytesOut = 0;
let cpuAtStart;
let bytesAtStart;

connect('source', (parent) => {
  parent.onMessage((message) => {
    bytesIn += message.length;
    for (const child of children) {
      if (child.isOpen() && child.sendMessageBinary(message)) bytesOut += message.length;
    }
  });
});

function addChild(name) {
  const channel = openChannel(name, () => {
    children.push(channel);
    process.send({ to: 'driver', opened: name });
  });
}

listen((message) => {
  if (message.child) addChild(message.child);
  if (message.start) {
    cpuAtStart = process.cpuUsage();
    bytesAtStart = { in: bytesIn, out: bytesOut };
  }
  if (message.finish) {
    const { user, system } = process.cpuUsage(cpuAtStart);
    process.send({
      to: 'driver',
      measured: {
        coreMs: (user + system) / 1000,
        bytesIn: bytesIn - bytesAtStart.in,
        bytesOut: bytesOut - bytesAtStart.out,
      },
    });
  }
});
