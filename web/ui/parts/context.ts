import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { en } from '../i18n/en.ts';
import { translator } from '../i18n/languages.ts';
import type { Translate } from '../i18n/languages.ts';

export const Words = createContext<Translate>(translator('en', en));
export const useWords = (): Translate => useContext(Words);
