// All that the screens show, as one plain value, and all that a person can want, as calls.
// Screens draw a Snapshot and nothing else; whatever changes makes a new one (app.ts).
import type { Language, Sentence } from './i18n/languages.ts';

export type Screen = 'home' | 'scan' | 'watch' | 'prepare' | 'broadcast' | 'problem';
// What lies over a screen: the code to hold up, the question whether to pass the stream on, who
// sees the address, a black screen.
export type Sheet = 'code' | 'relay' | 'address' | 'dark';
export type StreamState = 'connecting' | 'live' | 'lost' | 'ended';
// `wifi`: as long as the browser says that this is Wi-Fi.
export type Relay = 'undecided' | 'yes' | 'wifi' | 'no';
export type Sound = 'none' | 'muted' | 'on';

export interface Status {
  state: StreamState;
  witnesses: number;
  delayMs: number | null;   // capture to eye; null: not known yet
  neighbours: number;       // who has a direct link with us, and so our address
  codeTellsAddress: boolean;  // everybody who has our invite learns it, too
  pageTrusted: boolean;     // not a page that somebody on the way could have changed
}

export interface Problem {
  what: Sentence;
  todo: Sentence;
  retry: 'watch' | 'live' | null;  // what a tap tries again
}

export interface Snapshot {
  language: Language;
  screen: Screen;
  sheet: Sheet | null;
  status: Status;
  problem: Problem | null;
  notice: Sentence | null;   // a sentence over the picture
  sound: Sound;
  relay: Relay;
  relayCapMegabytes: number;  // 0: none
  canTellWifi: boolean;
  invite: string | null;      // to hand on
  facing: 'front' | 'back';
  microphone: boolean;
  torch: 'none' | 'off' | 'on';
  canUseCamera: boolean;      // a page from a plain http address cannot
  canShare: boolean;
  canInstall: boolean;
  copied: boolean;
}

export interface Intents {
  open(screen: 'home' | 'scan' | 'prepare'): void;
  show(sheet: Sheet | null): void;
  speak(language: Language): void;
  join(invite: string): void;
  toggleSound(): void;
  chooseRelay(relay: Relay, capMegabytes: number): void;
  choose(camera: Partial<Pick<Snapshot, 'facing' | 'microphone'>>): void;
  goLive(): void;
  switchCamera(): void;
  toggleMicrophone(): void;
  toggleTorch(): void;
  leave(): void;   // stop watching, or end the broadcast for all
  retry(): void;
  share(): void;
  copy(): void;
  install(): void;
  panic(): void;
  mount(place: HTMLElement | null): void;    // where the picture goes
  scanWith(video: HTMLVideoElement | null): void;
}

export const RELAY_CAPS = [100, 500, 2_000, 0] as const;

export const INITIAL: Snapshot = {
  language: 'en', screen: 'home', sheet: null, problem: null, notice: null,
  status: { state: 'connecting', witnesses: 0, delayMs: null, neighbours: 0,
            codeTellsAddress: false, pageTrusted: false },
  sound: 'none', relay: 'undecided', relayCapMegabytes: 500, canTellWifi: false, invite: null,
  facing: 'back', microphone: true, torch: 'none', canUseCamera: false,
  canShare: false, canInstall: false, copied: false,
};
