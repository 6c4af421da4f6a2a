// What the app can do, fetched when it is first wanted: the engine and the codecs weigh more than
// all screens.
import type { Activities } from './app.ts';

export const activities: Activities = {
  watch: async () => (await import('./watching_live.ts')).watchLive,
  broadcast: async () => (await import('./broadcasting_live.ts')).broadcastLive,
};
