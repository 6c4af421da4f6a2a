// Installing the app. Whoever only visits gets nothing stored: the service worker, which keeps the
// app's files, is registered once the app is installed.

interface InstallPrompt extends Event {
  prompt(): Promise<unknown>;
}

let offered: InstallPrompt | null = null;

function keepFiles(): void {
  if ('serviceWorker' in navigator) void navigator.serviceWorker.register('./sw.js');
}

// `offer` is told whether there is an install() to call.
export function watchForInstall(offer: (can: boolean) => void): void {
  addEventListener('beforeinstallprompt', (event) => {
    event.preventDefault();
    offered = event as InstallPrompt;
    offer(true);
  });
  addEventListener('appinstalled', () => {
    offer(false);
    keepFiles();
  });
  if (matchMedia('(display-mode: standalone)').matches) keepFiles();
}

export function install(): void {
  void offered?.prompt();
  offered = null;
}
