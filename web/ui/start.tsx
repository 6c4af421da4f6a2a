import { render } from 'preact';
import { App } from './app.ts';
import type { Activities } from './app.ts';
import { openedWith, takeInvite } from './fragment.ts';
import { loadCatalogue, translator } from './i18n/languages.ts';
import type { Language, Translate } from './i18n/languages.ts';
import { watchForInstall } from './install.ts';
import { View } from './view.tsx';
import './style.css';

// Puts the app into `root`, and joins what the page was opened with.
export function startApp(root: HTMLElement, activities: Activities): void {
  let said: { language: Language; say: Translate } | null = null;

  const draw = (): void => {
    const { snapshot } = app;
    if (said) render(<View snapshot={snapshot} intents={app.intents} say={said.say} />, root);
    if (said?.language !== snapshot.language) void learn(snapshot.language);
  };

  // Until a language is there, the former one is spoken.
  const learn = async (language: Language): Promise<void> => {
    const catalogue = await loadCatalogue(language).catch(() => loadCatalogue('en'));
    if (language !== app.snapshot.language) return;
    said = { language, say: translator(language, catalogue) };
    draw();
  };

  const app: App = new App(activities, draw);
  watchForInstall((canInstall) => app.update({ canInstall }));
  addEventListener('hashchange', () => {
    const invite = takeInvite();
    if (invite) app.join(invite);
  });
  if (openedWith) app.join(openedWith);
  else draw();
}
