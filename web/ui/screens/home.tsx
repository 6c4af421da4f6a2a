import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { LANGUAGES } from '../i18n/languages.ts';
import type { Language } from '../i18n/languages.ts';
import { PanicBar } from '../parts/controls.tsx';
import { useWords } from '../parts/context.ts';
import { Icon, Logo } from '../parts/icons.tsx';
import type { Intents, Snapshot } from '../snapshot.ts';

const MAX_INVITE = 2_048;  // characters, as in spec/invite.md

function LanguageChoice({ language, intents }: { language: Language; intents: Intents }) {
  const say = useWords();
  return (
    <label class="language">
      <Icon name="globe" />
      <select aria-label={say('language')} value={language}
              onChange={(e) => intents.speak(e.currentTarget.value as Language)}>
        {Object.entries(LANGUAGES).map(([tag, { name }]) =>
          <option key={tag} value={tag} lang={tag}>{name}</option>)}
      </select>
    </label>
  );
}

export function InviteField({ intents }: { intents: Intents }): JSX.Element {
  const say = useWords();
  const [text, setText] = useState('');
  return (
    <form class="paste" autocomplete="off" onSubmit={(e) => { e.preventDefault(); intents.join(text); }}>
      <label for="invite">{say('haveLink')}</label>
      <div>
        <input id="invite" type="text" dir="ltr" inputMode="url" maxLength={MAX_INVITE}
               spellcheck={false} autocapitalize="off" autocomplete="off" required
               placeholder="http://…/#…" value={text}
               onInput={(e) => setText(e.currentTarget.value)} />
        <button type="submit" class="plain">{say('watch')}</button>
      </div>
    </form>
  );
}

export function Home({ snapshot, intents }: { snapshot: Snapshot; intents: Intents }) {
  const say = useWords();
  const trusted = snapshot.status.pageTrusted;
  return (
    <div class="page">
      <header class="top">
        <h1><Logo />SWARMCAST</h1>
        <LanguageChoice language={snapshot.language} intents={intents} />
      </header>
      <main class="home">
        <p class="tagline">{say('tagline')}</p>
        <div class="tiles">
          <button type="button" class="tile primary" onClick={() => intents.open('scan')}>
            <Icon name="scan" /><span><b>{say('scan')}</b><small>{say('scanHint')}</small></span>
          </button>
          <button type="button" class="tile" onClick={() => intents.open('prepare')}>
            <span class="dot" aria-hidden="true" />
            <span><b>{say('goLive')}</b><small>{say('goLiveHint')}</small></span>
          </button>
        </div>
        <InviteField intents={intents} />
        {snapshot.canInstall && <button type="button" class="tile small" onClick={intents.install}>
          <Icon name="install" />
          <span><b>{say('install')}</b><small>{say('installHint')}</small></span>
        </button>}
        <p class={`trust ${trusted ? 'good' : 'doubt'}`}>
          <Icon name={trusted ? 'shield' : 'shieldOpen'} />
          <span><b>{say(trusted ? 'trusted' : 'untrusted')}</b>{' '}
            {say(trusted ? 'trustedHint' : 'untrustedHint')}</span>
        </p>
      </main>
      <PanicBar intents={intents} />
    </div>
  );
}
