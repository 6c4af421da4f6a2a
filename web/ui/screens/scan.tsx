import { PanicBar } from '../parts/controls.tsx';
import { useWords } from '../parts/context.ts';
import { Icon } from '../parts/icons.tsx';
import type { Intents, Snapshot } from '../snapshot.ts';
import { InviteField } from './home.tsx';

export function BackButton({ onTap }: { onTap: () => void }) {
  const say = useWords();
  return (
    <button type="button" class="plain backward" onClick={onTap}>
      <Icon name="back" mirrored />{say('back')}
    </button>
  );
}

export function Scan({ snapshot, intents }: { snapshot: Snapshot; intents: Intents }) {
  const say = useWords();
  return (
    <div class="page">
      <header class="top"><BackButton onTap={() => intents.open('home')} />
        <h1>{say('scan')}</h1></header>
      <main class="scan">
        {snapshot.canUseCamera
          ? <div class="finder">
              <video ref={intents.scanWith} muted playsInline aria-label={say('scanning')} />
              <svg viewBox="0 0 100 100" aria-hidden="true">
                <path d="M5 25V5h20M75 5h20v20M95 75v20H75M25 95H5V75" />
              </svg>
            </div>
          : <div class="nofinder"><Icon name="scan" /></div>}
        <p role="status">{say(snapshot.notice ??
          (snapshot.canUseCamera ? 'scanning' : 'scanNoCamera'))}</p>
        <InviteField intents={intents} />
      </main>
      <PanicBar intents={intents} />
    </div>
  );
}
