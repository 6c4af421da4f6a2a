// The emulated network as a suite sees it, which runs inside (in_network.mjs).
export const hosts = JSON.parse(process.env.HOSTS ?? '{}');

let last = 0;

// One line of the language of tools/wan/command.h, carried out by the emulator.
export function network(line) {
  const id = ++last;
  return new Promise((resolve, reject) => {
    const take = (message) => {
      if (message.id !== id) return;
      process.off('message', take);
      if (message.error) reject(new Error(message.error));
      else resolve(message.answer);
    };
    process.on('message', take);
    process.send({ id, line });
  });
}

// Lets the suite end: the channel to the emulator would keep it waiting for messages.
export const leaveNetwork = () => process.disconnect();
