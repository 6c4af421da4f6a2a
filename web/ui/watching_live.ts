// Watching what the swarm sends.
import { Session } from '../transport/session.ts';
import { watchingBy } from './watching.ts';

export const watchLive = watchingBy((invite, events) => Session.watch(invite, {}, events));
