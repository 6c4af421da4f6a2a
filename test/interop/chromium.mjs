// Debian's Chromium against the native transport. Its candidates name no address (mDNS), as in any
// page without the camera's permission.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openChromium } from './lib/browser.mjs';
import { directDialTests } from './lib/direct_dial_tests.mjs';
import { joinTests } from './lib/join_tests.mjs';
import { preparedTests } from './lib/prepared_tests.mjs';
import { roughTests } from './lib/rough_tests.mjs';
import { startSuite } from './lib/suite.mjs';

const ends = startSuite(openChromium);

test('the page is an insecure origin', async () => {
  assert.equal(await ends.page.page.evaluate(() => globalThis.isSecureContext), false);
});

directDialTests(ends);
joinTests(ends);
preparedTests(ends);
roughTests(ends);
