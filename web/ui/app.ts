// The app behind the screens: takes what a person wants, starts and ends what runs, and says how
// things are in one Snapshot.
import { parseInvite } from '../core/invite.ts';
import type { Invite } from '../core/invite.ts';
import { chooseLanguage } from './i18n/languages.ts';
import type { Sentence } from './i18n/languages.ts';
import { install } from './install.ts';
import { cameraProblem, endProblem, inviteProblem, missingForLive, missingProblem } from './problems.ts';
import { scan } from './scanner.ts';
import type { Scanner } from './scanner.ts';
import { INITIAL } from './snapshot.ts';
import type { Intents, Problem, Relay, Snapshot, Status } from './snapshot.ts';

const COPIED_MS = 3_000;
// Where nothing of ours is left. The browser's own, so that it needs no network.
const HARMLESS_PAGE = 'about:blank';

interface Connection {
  type?: string;
  addEventListener?(type: 'change', call: () => void): void;
}
const connection = (navigator as { connection?: Connection }).connection;

// Where the clipboard is for secure pages only.
function copyBySelection(text: string): boolean {
  const field = document.createElement('textarea');
  field.value = text;
  document.body.append(field);
  field.select();
  const done = document.execCommand('copy');
  field.remove();
  return done;
}

// A stream that is watched or sent, as the app sees it.
export interface Activity {
  mount(place: HTMLElement | null): void;
  stop(): void;   // in good order: says goodbye, wipes, and reports nothing more
  wipe(): void;   // at once: keys and pictures first, and nothing is said
  toggleSound?(): void;
  setRelay?(allowed: boolean, capMegabytes: number): void;
  camera?: CameraControls;
}

export interface CameraControls {
  switchOver(): void;
  setMicrophone(on: boolean): void;
  setTorch(on: boolean): void;
}

// What an activity says back.
export interface Reports {
  update(change: Partial<Snapshot>): void;
  status(change: Partial<Status>): void;
  notice(sentence: Sentence | null): void;
  finished(problem: Problem): void;
}

export type StartWatching = (invite: Invite, reports: Reports) => Promise<Activity>;
export type StartBroadcast = (choice: Pick<Snapshot, 'facing' | 'microphone'>,
                              reports: Reports) => Promise<Activity>;
export interface Activities {
  watch: () => Promise<StartWatching>;
  broadcast: () => Promise<StartBroadcast>;
}

export class App {
  readonly intents: Intents;
  private current: Snapshot = {
    ...INITIAL,
    language: chooseLanguage(navigator.languages),
    canUseCamera: isSecureContext && navigator.mediaDevices !== undefined,
    canShare: navigator.share !== undefined,
    canTellWifi: connection?.type !== undefined,
    status: { ...INITIAL.status, pageTrusted: isSecureContext },
  };
  private readonly activities: Activities;
  private readonly changed: (snapshot: Snapshot) => void;
  private activity: Activity | null = null;
  private attempt = 0;  // the number of what runs or starts: what an older one says is not heard
  private place: HTMLElement | null = null;
  private scanner: Scanner | null = null;
  private invite: Invite | null = null;

  constructor(activities: Activities, changed: (snapshot: Snapshot) => void) {
    this.activities = activities;
    this.changed = changed;
    this.intents = this.makeIntents();
    addEventListener('offline', () => { if (this.activity) this.update({ notice: 'offline' }); });
    addEventListener('online', () => this.update({ notice: null }));
    connection?.addEventListener?.('change', () => this.applyRelay());
    // Whoever leaves the page leaves the stream. The page must not be found again as it was.
    addEventListener('pagehide', () => this.wipe());
    addEventListener('pageshow', (event) => { if (event.persisted) location.reload(); });
  }

  get snapshot(): Snapshot {
    return this.current;
  }

  update(change: Partial<Snapshot>): void {
    this.current = { ...this.current, ...change };
    this.changed(this.current);
  }

  join(text: string): void {
    const invite = parseInvite(text);
    if (typeof invite === 'string') return this.fail(inviteProblem(invite));
    const missing = missingProblem();
    if (missing) return this.fail(missing);
    this.invite = invite;
    return this.watch(invite);
  }

  private watch(invite: Invite): void {
    this.update({ screen: 'watch', sheet: null, problem: null, notice: null, sound: 'none',
                  relay: 'undecided', invite: null });
    void this.start(async (reports) => (await this.activities.watch())(invite, reports),
                    () => ({ ...endProblem('failed'), retry: 'watch' }));
  }

  private goLive(): void {
    const missing = missingForLive();
    if (missing) return this.fail(missing);
    const { facing, microphone } = this.current;
    this.update({ screen: 'broadcast', sheet: null, problem: null, notice: null, invite: null,
                  torch: 'none' });
    return void this.start(async (reports) =>
      (await this.activities.broadcast())({ facing, microphone }, reports),
      cameraProblem);
  }

  // Only one activity at a time; the last one wanted wins, whichever is ready first.
  private async start(make: (reports: Reports) => Promise<Activity>,
                      explain: (error: unknown) => Problem): Promise<void> {
    this.stopActivity();
    this.update({ status: { ...INITIAL.status, pageTrusted: isSecureContext } });
    const attempt = ++this.attempt;
    const current = () => attempt === this.attempt;
    const reports: Reports = {
      update: (change) => { if (current()) this.update(change); },
      status: (change) => {
        if (current()) this.update({ status: { ...this.current.status, ...change } });
      },
      notice: (notice) => { if (current()) this.update({ notice }); },
      finished: (problem) => { if (current()) this.fail(problem); },
    };
    try {
      const activity = await make(reports);
      if (!current()) return activity.wipe();
      this.activity = activity;
      activity.mount(this.place);
      this.applyRelay();
    } catch (error) {
      if (current()) this.fail(explain(error));
    }
  }

  private fail(problem: Problem): void {
    ++this.attempt;
    this.stopScanner();
    this.activity?.wipe();
    this.activity = null;
    this.update({ screen: 'problem', sheet: null, notice: null, problem });
  }

  private stopActivity(): void {
    ++this.attempt;
    this.activity?.stop();
    this.activity = null;
  }

  private applyRelay(): void {
    const { relay, relayCapMegabytes } = this.current;
    const allowed = relay === 'yes' || relay === 'wifi' && connection?.type === 'wifi';
    this.activity?.setRelay?.(allowed, relayCapMegabytes);
  }

  private stopScanner(): void {
    this.scanner?.stop();
    this.scanner = null;
  }

  private async startScanner(video: HTMLVideoElement): Promise<void> {
    try {
      const scanner = await scan(video, (text) => this.scanned(text));
      if (this.current.screen !== 'scan') return scanner.stop();
      this.scanner = scanner;
    } catch (error) {
      if (this.current.screen === 'scan') this.fail({ ...cameraProblem(error), retry: null });
    }
  }

  // Codes of others that hang about are no reason to stop looking.
  private scanned(text: string): void {
    if (this.current.screen !== 'scan') return;
    if (parseInvite(text) === 'not_an_invite') return this.update({ notice: 'notAnInvite' });
    this.stopScanner();
    this.join(text);
  }

  private wipe(): void {
    ++this.attempt;
    this.activity?.wipe();
    this.activity = null;
    this.stopScanner();
    this.invite = null;
    this.current = { ...INITIAL, language: this.current.language };
  }

  // Keys and pictures first, then what is on the screen, then the page itself.
  private panic(): void {
    this.wipe();
    document.body.replaceChildren();
    document.title = '';
    location.replace(HARMLESS_PAGE);
  }

  private async copy(): Promise<void> {
    const { invite } = this.current;
    if (!invite) return;
    try {
      await navigator.clipboard.writeText(invite);
    } catch {
      if (!copyBySelection(invite)) return;
    }
    this.update({ copied: true });
    setTimeout(() => this.update({ copied: false }), COPIED_MS);
  }

  private chooseRelay(relay: Relay, relayCapMegabytes: number): void {
    this.update({ relay, relayCapMegabytes, sheet: null });
    this.applyRelay();
  }

  private makeIntents(): Intents {
    return {
      open: (screen) => {
        this.stopActivity();
        if (screen !== 'scan') this.stopScanner();
        this.update({ screen, sheet: null, problem: null, notice: null, invite: null });
      },
      show: (sheet) => this.update({ sheet }),
      speak: (language) => this.update({ language }),
      join: (text) => this.join(text),
      toggleSound: () => this.activity?.toggleSound?.(),
      chooseRelay: (relay, cap) => this.chooseRelay(relay, cap),
      choose: (choice) => this.update(choice),
      goLive: () => this.goLive(),
      switchCamera: () => this.activity?.camera?.switchOver(),
      toggleMicrophone: () => {
        this.update({ microphone: !this.current.microphone });
        this.activity?.camera?.setMicrophone(this.current.microphone);
      },
      toggleTorch: () => this.activity?.camera?.setTorch(this.current.torch !== 'on'),
      leave: () => {
        this.stopActivity();
        this.fail(endProblem('stopped'));
      },
      retry: () => {
        if (this.current.problem?.retry === 'live') this.goLive();
        else if (this.invite) this.watch(this.invite);
      },
      share: () => void navigator.share({ url: this.current.invite ?? '' }).catch(() => undefined),
      copy: () => void this.copy(),
      install: () => {
        this.update({ canInstall: false });
        install();
      },
      panic: () => this.panic(),
      mount: (place) => {
        this.place = place;
        this.activity?.mount(place);
      },
      scanWith: (video) => {
        this.stopScanner();
        if (video) void this.startScanner(video);
      },
    };
  }
}
