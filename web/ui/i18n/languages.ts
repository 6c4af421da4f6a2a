// The languages there are, and which one a reader gets. Each but English is loaded when needed.
import { en } from './en.ts';

export type Catalogue = typeof en;
export type Sentence = keyof Catalogue;
export type Language = 'en' | 'es' | 'fr' | 'ar' | 'fa' | 'ru' | 'zh';

export const LANGUAGES: Record<Language, { name: string; direction: 'ltr' | 'rtl' }> = {
  en: { name: 'English', direction: 'ltr' },
  es: { name: 'Español', direction: 'ltr' },
  fr: { name: 'Français', direction: 'ltr' },
  ar: { name: 'العربية', direction: 'rtl' },
  fa: { name: 'فارسی', direction: 'rtl' },
  ru: { name: 'Русский', direction: 'ltr' },
  zh: { name: '简体中文', direction: 'ltr' },
};

const LOADERS: Record<Language, () => Promise<Catalogue>> = {
  en: async () => en,
  es: async () => (await import('./es.ts')).es,
  fr: async () => (await import('./fr.ts')).fr,
  ar: async () => (await import('./ar.ts')).ar,
  fa: async () => (await import('./fa.ts')).fa,
  ru: async () => (await import('./ru.ts')).ru,
  zh: async () => (await import('./zh.ts')).zh,
};

export function loadCatalogue(language: Language): Promise<Catalogue> {
  return LOADERS[language]();
}

// The first of the reader's languages that there is ("pt-BR", "es-419", ...), or English.
export function chooseLanguage(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const primary = tag.toLowerCase().split('-')[0] ?? '';
    if (Object.hasOwn(LANGUAGES, primary)) return primary as Language;
  }
  return 'en';
}

export type Translate = (sentence: Sentence, values?: { n?: number | string }) => string;

// Numbers in the digits that the language is written with.
export function translator(language: Language, catalogue: Catalogue): Translate {
  const numbers = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
  return (sentence, values = {}) => catalogue[sentence].replace('{n}', () =>
    (typeof values.n === 'number' ? numbers.format(values.n) : values.n ?? ''));
}
