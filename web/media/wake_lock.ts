// Keeps the screen on, as far as the browser lets us.

export class WakeLock {
  private held: WakeLockSentinel | undefined;
  private wanted = false;

  // The browser lets go of it whenever the page is hidden.
  hold(): void {
    if (this.wanted) return;
    this.wanted = true;
    document.addEventListener('visibilitychange', this.acquire);
    this.acquire();
  }

  release(): void {
    this.wanted = false;
    document.removeEventListener('visibilitychange', this.acquire);
    void this.held?.release();
    this.held = undefined;
  }

  private readonly acquire = (): void => {
    if (document.hidden || !('wakeLock' in navigator)) return;
    void navigator.wakeLock.request('screen').then((sentinel) => {
      if (!this.wanted) return void sentinel.release();
      this.held = sentinel;
    }, () => {});  // a low battery, say: the broadcast goes on
  };
}
