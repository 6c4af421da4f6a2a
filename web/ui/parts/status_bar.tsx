import type { JSX } from 'preact';
import type { Intents, Status } from '../snapshot.ts';
import { useWords } from './context.ts';
import { Icon, StateSign } from './icons.tsx';

const number = (n: number) => (n > 9_999 ? '9999+' : n);

// Always there: am I live, how many watch, how late, who can see my address, is it secure.
export function StatusBar({ status, intents }: { status: Status; intents: Intents }): JSX.Element {
  const say = useWords();
  const seconds = status.delayMs === null ? null : Math.round(status.delayMs / 100) / 10;
  const addresses = status.codeTellsAddress ? say('addressAll')
    : status.neighbours > 0 ? say('addressSome', { n: status.neighbours }) : say('addressNobody');
  const exposed = status.codeTellsAddress || status.neighbours > 0;
  return (
    <header class="status">
      <span class={`chip state ${status.state}`} role="status">
        <StateSign state={status.state} /><b>{say(status.state)}</b>
      </span>
      <span class="chip" role="img" aria-label={say('witnesses', { n: status.witnesses })}>
        <Icon name="eye" /><b>{number(status.witnesses)}</b>
      </span>
      <span class="chip" role="img"
            aria-label={seconds === null ? say('delayUnknown') : say('delay', { n: seconds })}>
        <Icon name="clock" /><b dir="ltr">{seconds === null ? '–' : `${seconds.toFixed(1)} s`}</b>
      </span>
      <span class={`chip ${status.pageTrusted ? 'good' : 'doubt'}`} role="img"
            aria-label={say(status.pageTrusted ? 'trusted' : 'untrusted')}
            title={say(status.pageTrusted ? 'trustedHint' : 'untrustedHint')}>
        <Icon name={status.pageTrusted ? 'shield' : 'shieldOpen'} />
      </span>
      <button type="button" class={`chip ${exposed ? 'doubt' : 'good'}`} aria-label={addresses}
              aria-haspopup="dialog" onClick={() => intents.show('address')}>
        <Icon name="pin" />
        <b>{status.codeTellsAddress ? '!' : number(status.neighbours)}</b>
      </button>
    </header>
  );
}
