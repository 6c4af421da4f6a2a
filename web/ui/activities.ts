import type { Activities } from './app.ts';

const notYet = () => Promise.reject(new Error('not built yet'));

export const activities: Activities = { watch: notYet, broadcast: notYet };
