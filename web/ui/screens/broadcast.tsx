import { Choice, Control, PanicBar } from '../parts/controls.tsx';
import { useWords } from '../parts/context.ts';
import { HoldButton } from '../parts/hold_button.tsx';
import { Icon } from '../parts/icons.tsx';
import { StatusBar } from '../parts/status_bar.tsx';
import type { Intents, Snapshot } from '../snapshot.ts';
import { BackButton } from './scan.tsx';
import { NoPicture } from './watch.tsx';

interface Props {
  snapshot: Snapshot;
  intents: Intents;
}

// What it means to go live, before the camera is even asked for.
export function Prepare({ snapshot, intents }: Props) {
  const say = useWords();
  return (
    <div class="page">
      <header class="top"><BackButton onTap={() => intents.open('home')} />
        <h1>{say('prepareTitle')}</h1></header>
      <main class="prepare">
        <ul class="warnings">
          <li><Icon name="pin" /><span>{say('prepareAddress')}</span></li>
          <li><Icon name="eye" /><span>{say('prepareForever')}</span></li>
        </ul>
        <Choice legend={say('camera')} name="facing" value={snapshot.facing}
                onChoose={(facing) => intents.choose({ facing })}
                options={[{ value: 'back', label: say('rear') },
                          { value: 'front', label: say('front') }]} />
        <Choice legend={say('microphone')} name="microphone" value={snapshot.microphone}
                onChoose={(microphone) => intents.choose({ microphone })}
                options={[{ value: true, label: say('on') }, { value: false, label: say('off') }]} />
        <button type="button" class="tile live" onClick={intents.goLive}>
          <span class="dot" aria-hidden="true" /><b>{say('goLiveNow')}</b>
        </button>
      </main>
      <PanicBar intents={intents} />
    </div>
  );
}

export function Broadcast({ snapshot, intents }: Props) {
  const say = useWords();
  const { status, microphone, torch } = snapshot;
  return (
    <div class={`stage broadcast ${status.state}`}>
      <main class="picture" ref={intents.mount} aria-label={say('youAreLive')} />
      <NoPicture snapshot={snapshot} />
      {snapshot.notice && <p class="notice" role="status">{say(snapshot.notice)}</p>}
      <StatusBar status={status} intents={intents} />
      <nav class="controls">
        <Control icon="code" label={say('showCode')} strong={status.witnesses === 0}
                 onTap={() => intents.show('code')} />
        <Control icon="moon" label={say('darkScreen')} onTap={() => intents.show('dark')} />
        <Control icon="flip" label={say('switchCamera')} onTap={intents.switchCamera} />
        <Control icon={microphone ? 'microphone' : 'microphoneOff'} label={say('microphone')}
                 pressed={microphone} onTap={intents.toggleMicrophone} />
        {torch !== 'none' &&
          <Control icon="torch" label={say('torch')} pressed={torch === 'on'}
                   onTap={intents.toggleTorch} />}
        <HoldButton class="control end" label={say('endForAll')} again={say('endHold')}
                    onHeld={intents.leave}><Icon name="leave" mirrored /></HoldButton>
      </nav>
      <PanicBar intents={intents} />
    </div>
  );
}
