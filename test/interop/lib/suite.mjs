// What every suite begins and ends with.
import { after, before } from 'node:test';
import { Native } from './native.mjs';
import { hosts, leaveNetwork } from './network.mjs';
import { servePage } from './page_server.mjs';

// Starts the native end, the page's server and what `open(url)` opens the page with, and ends them.
// The result has `native` and `page` as soon as the tests run.
export function startSuite(open) {
  const ends = {};
  let server;
  before(async () => {
    server = await servePage(hosts.page.address);
    ends.native = await Native.start(hosts.native);
    ends.url = server.url;
    ends.page = await open(server.url);
  });
  after(async () => {
    await ends.page?.close();
    await ends.native?.stop();
    await server?.close();
    leaveNetwork();
  });
  return ends;
}
