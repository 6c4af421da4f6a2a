// What lies over a screen until it is answered or closed.
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Choice } from '../parts/controls.tsx';
import { useWords } from '../parts/context.ts';
import { HoldButton } from '../parts/hold_button.tsx';
import { Icon } from '../parts/icons.tsx';
import { QrCode } from '../parts/qr_code.tsx';
import { RELAY_CAPS } from '../snapshot.ts';
import type { Intents, Snapshot } from '../snapshot.ts';

interface Props {
  snapshot: Snapshot;
  intents: Intents;
}

const HINT_MS = 4_000;

// A dialog beside the panic bar, which stays within reach.
function Dialog({ title, class: kind, intents, children }:
    { title: string; class: string; intents: Intents; children: ComponentChildren }): JSX.Element {
  const say = useWords();
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    box.current?.focus();
    return () => before?.focus();
  }, []);
  return (
    <div class={`sheet ${kind}`} role="dialog" aria-label={title} tabIndex={-1} ref={box}
         onKeyUp={(e) => { if (e.key === 'Escape') intents.show(null); }}>
      <header>
        <h2>{title}</h2>
        <button type="button" class="plain shut" aria-label={say('close')}
                onClick={() => intents.show(null)}><Icon name="close" /></button>
      </header>
      {children}
    </div>
  );
}

function CodeSheet({ snapshot, intents }: Props) {
  const say = useWords();
  return (
    <Dialog title={say('codeTitle')} class="code" intents={intents}>
      {snapshot.invite === null
        ? <p class="wait" role="status">{say('noCodeYet')}</p>
        : <QrCode text={snapshot.invite} label={say('codeTitle')} />}
      <p>{say('codeText')}</p>
      {snapshot.invite !== null && <div class="row">
        {snapshot.canShare && <button type="button" class="plain" onClick={intents.share}>
          <Icon name="share" />{say('share')}</button>}
        <button type="button" class="plain" onClick={intents.copy}>
          <Icon name="copy" /><span aria-live="polite">
            {say(snapshot.copied ? 'copied' : 'copy')}</span></button>
      </div>}
    </Dialog>
  );
}

function AddressSheet({ snapshot, intents }: Props) {
  const say = useWords();
  const { neighbours, codeTellsAddress, pageTrusted } = snapshot.status;
  return (
    <Dialog title={say('addressTitle')} class="address" intents={intents}>
      <p class="figure"><Icon name="pin" /><b>{codeTellsAddress ? '!' : neighbours}</b></p>
      <p>{say('addressText', { n: neighbours })}</p>
      {codeTellsAddress && <p><b>{say('addressCode')}</b></p>}
      <p>{say('addressTodo')}</p>
      {!pageTrusted && <p class="trust doubt"><Icon name="shieldOpen" />
        <span>{say('untrustedHint')}</span></p>}
    </Dialog>
  );
}

function RelaySheet({ snapshot, intents }: Props) {
  const say = useWords();
  const [cap, setCap] = useState(snapshot.relayCapMegabytes);
  const size = (n: number) => (n === 0 ? say('relayNoCap')
    : n < 1_000 ? say('megabytes', { n }) : say('gigabytes', { n: n / 1_000 }));
  return (
    <Dialog title={say('relayTitle')} class="relay" intents={intents}>
      <p>{say('relayText')}</p>
      <Choice legend={say('relayCap')} name="cap" value={cap} onChoose={setCap}
              options={RELAY_CAPS.map((value) => ({ value, label: size(value) }))} />
      <div class="row">
        <button type="button" class="plain strong" onClick={() => intents.chooseRelay('yes', cap)}>
          {say('relayYes')}</button>
        {snapshot.canTellWifi &&
          <button type="button" class="plain" onClick={() => intents.chooseRelay('wifi', cap)}>
            {say('relayWifi')}</button>}
        <button type="button" class="plain" onClick={() => intents.chooseRelay('no', cap)}>
          {say('relayNo')}</button>
      </div>
    </Dialog>
  );
}

// Black, and still live. What to do is readable for a moment, and for a screen reader always.
function DarkSheet({ intents }: Props) {
  const say = useWords();
  const [hint, setHint] = useState(true);
  useEffect(() => {
    const timer = setTimeout(() => setHint(false), HINT_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div class={`dark ${hint ? 'hint' : ''}`} role="dialog" aria-label={say('darkScreen')}>
      <HoldButton class="wake" label={hint ? say('darkHint') : say('wake')} again={say('wake')}
                  onHeld={() => intents.show(null)} />
      <HoldButton class="panic unseen" label={say('panic')} again={say('panicAgain')}
                  anywhere="Escape" onHeld={intents.panic} />
    </div>
  );
}

export function OpenSheet(props: Props): JSX.Element | null {
  switch (props.snapshot.sheet) {
    case 'code': return <CodeSheet {...props} />;
    case 'address': return <AddressSheet {...props} />;
    case 'relay': return <RelaySheet {...props} />;
    case 'dark': return <DarkSheet {...props} />;
    case null: return null;
  }
}
