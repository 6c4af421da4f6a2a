import { openedWith, takeInvite } from './fragment.ts';
import { render } from 'preact';
import { activities } from './activities.ts';
import { App } from './app.ts';
import { loadCatalogue, translator } from './i18n/languages.ts';
import type { Language, Translate } from './i18n/languages.ts';
import { watchForInstall } from './install.ts';
import { View } from './view.tsx';
import './style.css';

const root = document.getElementById('app');
if (!root) throw new Error('index.html has no place for the app');

let said: { language: Language; say: Translate } | null = null;

function draw(): void {
  const { snapshot } = app;
  if (said) render(<View snapshot={snapshot} intents={app.intents} say={said.say} />, root!);
  if (said?.language !== snapshot.language) void learn(snapshot.language);
}

// Until a language is there, the former one is spoken.
async function learn(language: Language): Promise<void> {
  const catalogue = await loadCatalogue(language).catch(() => loadCatalogue('en'));
  if (language !== app.snapshot.language) return;
  said = { language, say: translator(language, catalogue) };
  draw();
}

const app: App = new App(activities, draw);
watchForInstall((canInstall) => app.update({ canInstall }));
addEventListener('hashchange', () => {
  const invite = takeInvite();
  if (invite) app.join(invite);
});
if (openedWith) app.join(openedWith);
else draw();
