// Offers messages of one size at one rate to the relay, in the bursts of a 20-pictures-a-second
// stream: a picture's messages spread over 25 ms, then a pause.
import { listen, openChannel } from './peer.mjs';

const [kbps, size] = process.argv.slice(2).map(Number);
const PICTURE_MS = 50;
const SPREAD_MS = 25;

const channel = openChannel('relay', () => process.send({ to: 'driver', opened: 'relay' }));

function offer() {
  const began = process.hrtime.bigint();
  const message = Buffer.alloc(size, 0x55);
  let sent = 0;
  setInterval(() => {
    const ms = Number(process.hrtime.bigint() - began) / 1e6;
    const picture = Math.floor(ms / PICTURE_MS);
    const within = Math.min(1, (ms - picture * PICTURE_MS) / SPREAD_MS);
    const due = ((picture + within) * PICTURE_MS * kbps) / 8 / size;
    for (; sent < due; ++sent) channel.sendMessageBinary(message);
  }, 1);
}

listen((message) => {
  if (message.offer) offer();
});
