import type { JSX } from 'preact';
import { useLayoutEffect } from 'preact/hooks';
import { LANGUAGES } from './i18n/languages.ts';
import type { Translate } from './i18n/languages.ts';
import { Words } from './parts/context.ts';
import { Broadcast, Prepare } from './screens/broadcast.tsx';
import { Home } from './screens/home.tsx';
import { ProblemScreen } from './screens/problem.tsx';
import { Scan } from './screens/scan.tsx';
import { OpenSheet } from './screens/sheets.tsx';
import { Watch } from './screens/watch.tsx';
import type { Intents, Snapshot } from './snapshot.ts';

const SCREENS = { home: Home, scan: Scan, watch: Watch, prepare: Prepare, broadcast: Broadcast,
                  problem: ProblemScreen } as const;

interface Props {
  snapshot: Snapshot;
  intents: Intents;
  say: Translate;
}

export function View({ snapshot, intents, say }: Props): JSX.Element {
  const Current = SCREENS[snapshot.screen];
  const { direction } = LANGUAGES[snapshot.language];
  useLayoutEffect(() => {
    document.documentElement.lang = snapshot.language;
    document.documentElement.dir = direction;
  }, [snapshot.language, direction]);
  return (
    <Words.Provider value={say}>
      <div class="under" inert={snapshot.sheet === 'dark'}>
        <Current snapshot={snapshot} intents={intents} />
      </div>
      <OpenSheet snapshot={snapshot} intents={intents} />
    </Words.Provider>
  );
}
