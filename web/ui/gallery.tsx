// Every screen in every state, for the tests that look at them: gallery.html#NAME,LANGUAGE.
// No part of the app.
import { render } from 'preact';
import { loadCatalogue, translator } from './i18n/languages.ts';
import type { Language } from './i18n/languages.ts';
import { INITIAL } from './snapshot.ts';
import type { Intents, Snapshot, Status } from './snapshot.ts';
import { View } from './view.tsx';
import './style.css';

const INVITE = 'http://192.0.2.7:7000/#' + 'UQBIAL9wPz3f0Xn7kQ2b'.repeat(5).slice(0, 96);
const live: Status = { state: 'live', witnesses: 128, delayMs: 340, neighbours: 5,
                       codeTellsAddress: false, pageTrusted: true };
const watch = { screen: 'watch', status: live, sound: 'on', relay: 'yes', invite: INVITE } as const;
const cast = { screen: 'broadcast', status: { ...live, codeTellsAddress: true }, invite: INVITE,
               canShare: true, torch: 'off' } as const;

const SCREENS: Record<string, Partial<Snapshot>> = {
  'home': { status: { ...live, pageTrusted: true } },
  'home-untrusted': {},
  'scan': { screen: 'scan', canUseCamera: true },
  'scan-no-camera': { screen: 'scan' },
  'watch': watch,
  'watch-muted': { ...watch, sound: 'muted', relay: 'undecided' },
  'watch-connecting': { ...watch, sound: 'none', relay: 'undecided', status:
    { ...live, state: 'connecting', witnesses: 0, delayMs: null, neighbours: 0, pageTrusted: false } },
  'watch-lost': { ...watch, status: { ...live, state: 'lost' } },
  'watch-relay': { ...watch, relay: 'undecided', sheet: 'relay', canTellWifi: true },
  'watch-address': { ...watch, sheet: 'address', status: { ...live, pageTrusted: false } },
  'watch-code': { ...watch, sheet: 'code' },
  'prepare': { screen: 'prepare', canUseCamera: true },
  'broadcast': cast,
  'broadcast-alone': { ...cast, status: { ...cast.status, witnesses: 0 } },
  'broadcast-notice': { ...cast, notice: 'noNewViewers' },
  'broadcast-code': { ...cast, sheet: 'code' },
  'broadcast-no-code': { ...cast, sheet: 'code', invite: null },
  'broadcast-address': { ...cast, sheet: 'address' },
  'broadcast-dark': { ...cast, sheet: 'dark' },
  'problem': { screen: 'problem',
               problem: { what: 'unreachable', todo: 'unreachableTodo', retry: 'watch' } },
  'ended': { screen: 'problem',
             problem: { what: 'sourceEnded', todo: 'sourceEndedTodo', retry: null } },
};

// Something to stand in the place of a picture.
function drawPicture(place: HTMLElement | null): void {
  if (!place || place.firstChild) return;
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [640, 360];
  const context = canvas.getContext('2d');
  for (let i = 0; context && i < 8; ++i) {
    context.fillStyle = `hsl(${i * 45} 60% ${35 + 5 * i}%)`;
    context.fillRect(i * 80, 0, 80, 360);
  }
  place.append(canvas);
}

const calls: string[] = [];
let pictured = true;
const intents = new Proxy({} as Intents, {
  get: (_, name: string) => (...args: unknown[]) => {
    if (name === 'mount' && pictured) drawPicture(args[0] as HTMLElement | null);
    else if (name !== 'scanWith') calls.push(name);
  },
});

async function show(name: string, language: Language): Promise<void> {
  const root = document.getElementById('app');
  const picked = SCREENS[name];
  if (!root || !picked) throw new Error(`there is no screen ${name}`);
  const say = translator(language, await loadCatalogue(language));
  pictured = picked.status?.state !== 'connecting';
  render(null, root);
  render(<View snapshot={{ ...INITIAL, ...picked, language }} intents={intents} say={say} />, root);
}

Object.assign(window, { gallery: { names: Object.keys(SCREENS), show, calls } });
