// npm node-datachannel, a WebRTC stack of its own, against the native transport.
import { openDatachannel } from './lib/datachannel.mjs';
import { directDialTests } from './lib/direct_dial_tests.mjs';
import { preparedTests } from './lib/prepared_tests.mjs';
import { startSuite } from './lib/suite.mjs';

const ends = startSuite(openDatachannel);
directDialTests(ends);
preparedTests(ends);
