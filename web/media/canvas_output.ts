// Pictures on a canvas, each at its moment.
import type { FrameOut, VideoTrack } from '../core/types.js';
import { PictureDecoder, type DecodedPicture } from './picture_decoder.js';
import type { Clock, PlayerEvents } from './player_events.js';

// Pictures decoded before their moment: enough to hide the slowest one, few in memory.
const DECODED_AHEAD = 4;
// A page is drawn so long before it is seen, at 60 Hz: of two refreshes, the nearer one.
const HALF_REFRESH_MS = 8;
// A page that nobody sees is not drawn; its pictures are dropped as they fall due.
const HIDDEN_STEP_MS = 100;

export class CanvasOutput {
  readonly element: HTMLCanvasElement;
  private readonly context: CanvasRenderingContext2D;
  private readonly events: PlayerEvents;
  private readonly clock: Clock;
  private readonly decoder: PictureDecoder;
  private pictures: DecodedPicture[] = [];
  private refresh = 0;  // what requestAnimationFrame or setTimeout named; 0: none
  private hidden = false;
  private closed = false;

  constructor(mount: HTMLElement, track: VideoTrack, events: PlayerEvents, clock: Clock) {
    this.events = events;
    this.clock = clock;
    this.element = document.createElement('canvas');
    this.element.width = track.width;
    this.element.height = track.height;
    this.context = this.element.getContext('2d', { alpha: false })!;
    this.decoder = new PictureDecoder(track, {
      picture: (decoded) => this.take(decoded),
      needKeyFrame: () => events.needKeyFrame(),
    });
    mount.append(this.element);
    document.addEventListener('visibilitychange', this.onVisibility);
  }

  push(unit: FrameOut): void {
    this.decoder.push(unit);
    this.advance();
  }

  close(): void {
    this.closed = true;
    document.removeEventListener('visibilitychange', this.onVisibility);
    this.unschedule();
    this.decoder.close();
    for (const { picture } of this.pictures) picture.close();
    this.pictures = [];
    this.element.width = this.element.height = 0;  // forgets the picture
    this.element.remove();
  }

  private readonly onVisibility = (): void => {
    this.unschedule();
    this.schedule();
  };

  private take(decoded: DecodedPicture): void {
    if (this.closed) return decoded.picture.close();
    this.pictures.push(decoded);
    while (this.pictures.length > DECODED_AHEAD) this.pictures.shift()!.picture.close();
    this.advance();
  }

  private advance(): void {
    this.decoder.feed(DECODED_AHEAD - this.pictures.length, this.clock());
    this.schedule();
  }

  private schedule(): void {
    const due = this.pictures[0]?.presentAt ?? this.decoder.nextDue;
    if (this.refresh !== 0 || this.closed || due === undefined) return;
    this.hidden = document.hidden;
    this.refresh = this.hidden
      ? window.setTimeout(this.onRefresh, Math.max(due - this.clock(), HIDDEN_STEP_MS))
      : requestAnimationFrame(this.onRefresh);
  }

  private unschedule(): void {
    if (this.hidden) clearTimeout(this.refresh);
    else cancelAnimationFrame(this.refresh);
    this.refresh = 0;
  }

  private readonly onRefresh = (): void => {
    this.refresh = 0;
    const now = this.clock();
    let due: DecodedPicture | undefined;
    while (this.pictures[0] && this.pictures[0].presentAt <= now + HALF_REFRESH_MS) {
      due?.picture.close();
      due = this.pictures.shift()!;
    }
    if (due) this.show(due, now);
    this.advance();
  };

  private show({ picture, captured }: DecodedPicture, now: number): void {
    const { displayWidth: width, displayHeight: height } = picture;
    if (!this.hidden) {
      if (this.element.width !== width) this.element.width = width;
      if (this.element.height !== height) this.element.height = height;
      this.context.drawImage(picture, 0, 0, width, height);
      this.events.presented?.(captured, now);
    }
    picture.close();
  }
}
