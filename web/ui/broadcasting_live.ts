// Broadcasting: a camera, its encoders and a session together, and what a person is told of them.
import type { EndReason, LinkChange, SessionEvents } from '../core/types.ts';
import { Broadcaster } from '../media/broadcaster.ts';
import { Session } from '../transport/session.ts';
import type { Activity, CameraControls, Reports, StartBroadcast } from './app.ts';
import { cameraProblem, endProblem } from './problems.ts';
import type { Snapshot } from './snapshot.ts';

const LOOK_MS = 250;  // how often a person is told
const PLACES = 4;     // viewers we send to ourselves; they pass it on

type Choice = Pick<Snapshot, 'facing' | 'microphone'>;

class Broadcasting implements Activity {
  readonly camera: CameraControls = {
    switchOver: () => void this.switchCamera(),
    setMicrophone: (on) => this.setMicrophone(on),
    setTorch: (on) => void this.setTorch(on),
  };
  private readonly reports: Reports;
  private readonly frame = document.createElement('div');  // outlives the screens it is shown on
  private readonly links = new Set<number>();
  private readonly timer: number;
  private devices: Broadcaster | null = null;
  private session: Session | null = null;
  private invite: string | undefined;
  private everReachable = false;
  private soundOnly = false;
  private switching = false;
  private ended = false;

  constructor(reports: Reports) {
    this.reports = reports;
    this.timer = window.setInterval(() => this.look(), LOOK_MS);
  }

  async open({ facing, microphone }: Choice): Promise<void> {
    const devices = await Broadcaster.open(
      { facing: facing === 'front' ? 'user' : 'environment', microphone }, {
        frame: (encoded, capturedAt) => this.session?.publish(encoded, capturedAt),
        lost: (device) => this.lost(device),
        failed: () => this.fail({ what: 'noEncoder', todo: 'noEncoderTodo', retry: null }),
      });
    if (this.ended) return devices.close();
    this.devices = devices;
    this.frame.append(devices.preview);
    this.reports.update({ microphone: devices.hasSound });
    this.tellTorch(false);
    const session = await Session.broadcast(
      devices.description(), { gateway: location.origin, places: PLACES }, this.events());
    if (this.ended) return session.wipe();
    this.session = session;
    devices.keyFrame();
  }

  mount(place: HTMLElement | null): void {
    place?.append(this.frame);
    // A video that moves in the page stands still.
    void this.devices?.preview.play().catch(() => undefined);
  }

  stop(): void {
    this.release((session) => session.stop());
  }

  wipe(): void {
    this.release((session) => session.wipe());
  }

  private events(): SessionEvents {
    return {
      keyFrameWanted: () => this.devices?.keyFrame(),
      encoderHint: (hint) => {
        this.devices?.setTarget(hint);
        this.soundOnly = hint.soundOnly;
        this.tellNotice();
      },
      link: (change) => this.linked(change),
      reachable: (invite) => this.reachable(invite),
      ended: (reason) => this.over(reason),
      stream: () => {},  // a viewer's affair, as is the next
      frame: () => {},
    };
  }

  // The code stays what it was: viewers that are here show others the way, too.
  private reachable(invite: string | undefined): void {
    if (this.ended) return;
    this.invite = invite;
    this.everReachable ||= invite !== undefined;
    if (invite !== undefined) this.reports.update({ invite });
    this.tellNotice();
  }

  private tellNotice(): void {
    if (this.ended) return;
    const closed = this.everReachable && this.invite === undefined;
    this.reports.notice(this.soundOnly ? 'soundOnly' : closed ? 'noNewViewers' : null);
  }

  private linked({ link, state }: LinkChange): void {
    if (state === 'up') this.links.add(link);
    else if (state === 'down') this.links.delete(link);
  }

  private look(): void {
    const stats = this.session?.stats();
    const found = this.invite !== undefined || this.links.size > 0;
    this.reports.status({
      state: found ? 'live' : this.everReachable ? 'lost' : 'connecting',
      witnesses: stats?.witnesses ?? 0, neighbours: this.links.size,
      codeTellsAddress: this.everReachable,
      delayMs: stats && stats.longestDelay > 0 ? stats.longestDelay : null });
  }

  private async switchCamera(): Promise<void> {
    const { devices } = this;
    if (!devices || this.switching) return;
    this.switching = true;
    try {
      await devices.switchCamera();
      this.tellTorch(false);
    } catch (error) {
      this.fail(cameraProblem(error));
    } finally {
      this.switching = false;
    }
  }

  private setMicrophone(on: boolean): void {
    this.devices?.setMicrophone(on);
    if (on && this.devices?.hasSound === false) this.reports.update({ microphone: false });
  }

  private async setTorch(on: boolean): Promise<void> {
    if (await this.devices?.torch(on)) this.tellTorch(on);
  }

  private tellTorch(on: boolean): void {
    const torch = !this.devices?.hasTorch ? 'none' : on ? 'on' : 'off';
    if (!this.ended) this.reports.update({ torch });
  }

  private lost(device: 'camera' | 'microphone'): void {
    if (device === 'microphone') return this.reports.update({ microphone: false });
    this.fail({ what: 'cameraBusy', todo: 'cameraBusyTodo', retry: 'live' });
  }

  private fail(problem: Parameters<Reports['finished']>[0]): void {
    if (this.ended) return;
    this.stop();
    this.reports.finished(problem);
  }

  private over(reason: EndReason): void {
    if (this.ended) return;
    this.wipe();
    this.reports.finished(endProblem(reason));
  }

  // The camera first: its light goes out at once.
  private release(how: (session: Session) => void): void {
    if (this.ended) return;
    this.ended = true;
    clearInterval(this.timer);
    this.devices?.close();
    if (this.session) how(this.session);
    this.session = this.devices = null;
    this.frame.remove();
  }
}

export const broadcastLive: StartBroadcast = async (choice, reports) => {
  const broadcasting = new Broadcasting(reports);
  try {
    await broadcasting.open(choice);
  } catch (error) {
    broadcasting.wipe();
    throw error;
  }
  return broadcasting;
};
