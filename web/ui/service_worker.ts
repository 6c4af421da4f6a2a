// Keeps the app's own files, so that an installed app opens without a network. Nothing else is ever
// kept, and nothing is asked of the network that the app did not ask for itself.

// vite.config.ts puts the bundle's files here, and a name that changes with them.
const FILES = '__FILES__' as unknown as string[];
const VERSION = '__VERSION__';

interface Extendable extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface Fetching extends Extendable {
  request: Request;
  respondWith(answer: Promise<Response>): void;
}

async function keep(): Promise<void> {
  const cache = await caches.open(VERSION);
  // Past the browser's own cache, which may hold an older page.
  await cache.addAll(FILES.map((file) => new Request(file, { cache: 'reload' })));
}

async function forgetOlder(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name !== VERSION).map((name) => caches.delete(name)));
}

async function answer(request: Request): Promise<Response> {
  const cache = await caches.open(VERSION);
  const kept = await cache.match(request.mode === 'navigate' ? './' : request,
                                 { ignoreSearch: true });
  return kept ?? fetch(request);
}

addEventListener('install', (event) => (event as Extendable).waitUntil(keep()));
addEventListener('activate', (event) => (event as Extendable).waitUntil(forgetOlder()));
addEventListener('fetch', (event) => {
  const { request } = event as Fetching;
  if (request.method === 'GET' && new URL(request.url).origin === location.origin)
    (event as Fetching).respondWith(answer(request));
});
