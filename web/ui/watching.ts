// Watching: a session and a player together, and what a person is told of them.
import type { Invite } from '../core/invite.ts';
import type { EndReason, FrameOut, LinkChange, SessionEvents, Stats, StreamDescription }
  from '../core/types.ts';
import { Player } from '../media/player.ts';
import type { PlayerProblem, SoundState } from '../media/player_events.ts';
import type { Activity, Reports, StartWatching } from './app.ts';
import { endProblem, playerProblem } from './problems.ts';
import type { Sound } from './snapshot.ts';
import { ViewingState } from './viewing_state.ts';

const LOOK_MS = 250;     // how often a person is told
const MEGABYTE = 1_000_000;
// Streams that we carry for others, once we were asked and said yes.
const RELAY_PLACES = 4;

// What watching needs of web/transport's Session.
export interface ViewerSession {
  needKeyFrame(): void;
  setPlaces(places: number): void;  // so many others are fed; 0: none
  stats(): Stats | undefined;  // undefined: it has ended
  stop(): void;
  wipe(): void;
}
export type OpenSession = (invite: Invite, events: SessionEvents) => Promise<ViewerSession>;

const SOUND: Record<SoundState, Sound> =
  { none: 'none', muted: 'muted', blocked: 'muted', playing: 'on' };

class Watching implements Activity {
  private readonly reports: Reports;
  private readonly frame = document.createElement('div');  // outlives the screens it is shown on
  private readonly player: Player;
  private readonly viewing = new ViewingState();
  private readonly links = new Set<number>();
  private readonly timer: number;
  private session: ViewerSession | null = null;
  private pictures = false;
  private sound: Sound = 'muted';
  private places = 0;
  private capBytes = Infinity;
  private ended = false;

  constructor(reports: Reports) {
    this.reports = reports;
    this.player = new Player(this.frame, {
      needKeyFrame: () => this.session?.needKeyFrame(),
      failed: (problem) => this.playerFailed(problem),
      sound: (state) => this.heard(SOUND[state]),
      presented: (captured, at) => this.viewing.shown(captured, at),
    });
    this.timer = window.setInterval(() => this.look(), LOOK_MS);
  }

  async open(openSession: OpenSession, invite: Invite): Promise<void> {
    const session = await openSession(invite, this.events());
    if (this.ended) return session.wipe();
    this.session = session;
    session.setPlaces(this.places);
  }

  mount(place: HTMLElement | null): void {
    place?.append(this.frame);
  }

  toggleSound(): void {
    this.player.setMuted(this.sound === 'on');
    this.heard(this.sound === 'on' ? 'muted' : 'on');
  }

  setRelay(allowed: boolean, capMegabytes: number): void {
    this.capBytes = capMegabytes === 0 ? Infinity : capMegabytes * MEGABYTE;
    this.setPlaces(allowed ? RELAY_PLACES : 0);
  }

  stop(): void {
    this.release((session) => session.stop());
  }

  wipe(): void {
    this.release((session) => session.wipe());
  }

  private events(): SessionEvents {
    return {
      stream: (description) => this.configure(description),
      frame: (out) => this.push(out),
      link: (change) => this.linked(change),
      reachable: () => {},  // a source's affair, as are the next
      ended: (reason) => this.over(reason),
      keyFrameWanted: () => {},
      encoderHint: () => {},
    };
  }

  private configure(description: StreamDescription): void {
    this.pictures = description.video.length > 0;
    this.player.configure(description);
    if (description.audio.length === 0) this.heard('none');
  }

  private push(out: FrameOut): void {
    if (this.ended) return;
    this.viewing.frame(out);
    if (!this.pictures) this.viewing.shown(out.frame.captured, performance.now());
    this.player.push(out);
  }

  private linked({ link, state }: LinkChange): void {
    if (state === 'up') this.links.add(link);
    else if (state === 'down') this.links.delete(link);
  }

  private heard(sound: Sound): void {
    this.sound = sound;
    this.reports.update({ sound });
  }

  private playerFailed(problem: PlayerProblem): void {
    this.stop();
    this.reports.finished(playerProblem(problem));
  }

  private over(reason: EndReason): void {
    this.wipe();
    this.reports.finished(endProblem(reason));
  }

  private setPlaces(places: number): void {
    if (places === this.places) return;
    this.places = places;
    this.session?.setPlaces(places);
  }

  private look(): void {
    const stats = this.session?.stats();
    const state = this.viewing.state(performance.now());
    this.reports.status({
      state, witnesses: stats?.witnesses ?? 0, neighbours: this.links.size,
      delayMs: stats ? this.viewing.delay(stats.playout) : null });
    if (stats && stats.bytes.mediaOut > this.capBytes) {
      this.setPlaces(0);
      this.reports.update({ relay: 'no' });
    }
  }

  private release(how: (session: ViewerSession) => void): void {
    if (this.ended) return;
    this.ended = true;
    clearInterval(this.timer);
    if (this.session) how(this.session);
    this.session = null;
    this.player.close();
    this.frame.remove();
  }
}

// Watching by sessions that `openSession` opens.
export const watchingBy = (openSession: OpenSession): StartWatching => async (invite, reports) => {
  const watching = new Watching(reports);
  try {
    await watching.open(openSession, invite);
  } catch (error) {
    watching.wipe();
    throw error;
  }
  return watching;
};
