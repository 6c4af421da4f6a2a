import { Control, PanicBar } from '../parts/controls.tsx';
import { useWords } from '../parts/context.ts';
import { StateSign } from '../parts/icons.tsx';
import { StatusBar } from '../parts/status_bar.tsx';
import type { Intents, Snapshot } from '../snapshot.ts';

// What a person sees from afar: a large sign in the middle while there is no picture.
export function NoPicture({ snapshot }: { snapshot: Snapshot }) {
  const say = useWords();
  const { state } = snapshot.status;
  if (state === 'live') return null;
  return (
    <div class={`nopicture ${state}`}>
      <StateSign state={state} />
      <p><b>{say(state)}</b>{state === 'lost' && <small>{say('lostHint')}</small>}</p>
    </div>
  );
}

export function Watch({ snapshot, intents }: { snapshot: Snapshot; intents: Intents }) {
  const say = useWords();
  const { sound, relay, status } = snapshot;
  return (
    <div class={`stage ${status.state}`}>
      <main class="picture" ref={intents.mount} aria-label={say(status.state)} />
      <NoPicture snapshot={snapshot} />
      {snapshot.notice && <p class="notice" role="status">{say(snapshot.notice)}</p>}
      <StatusBar status={status} intents={intents} />
      <nav class="controls">
        {sound !== 'none' &&
          <Control icon={sound === 'on' ? 'soundOn' : 'soundOff'} label={say('microphone')}
                   pressed={sound === 'on'} strong={sound === 'muted'}
                   onTap={intents.toggleSound} />}
        <Control icon="code" label={say('showCode')} onTap={() => intents.show('code')} />
        <Control icon="relay" label={say('passOn')} pressed={relay === 'yes' || relay === 'wifi'}
                 strong={relay === 'undecided' && status.state === 'live' && sound !== 'muted'}
                 onTap={() => intents.show('relay')} />
        <Control icon="leave" label={say('leave')} onTap={intents.leave} />
      </nav>
      <PanicBar intents={intents} />
    </div>
  );
}
