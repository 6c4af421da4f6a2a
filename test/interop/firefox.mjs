// Debian's Firefox ESR against the native transport.
import { openFirefox } from './lib/browser.mjs';
import { directDialTests } from './lib/direct_dial_tests.mjs';
import { joinTests } from './lib/join_tests.mjs';
import { preparedTests } from './lib/prepared_tests.mjs';
import { roughTests } from './lib/rough_tests.mjs';
import { startSuite } from './lib/suite.mjs';

const ends = startSuite(openFirefox);
directDialTests(ends);
joinTests(ends);
preparedTests(ends);
roughTests(ends);
