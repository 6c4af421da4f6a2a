import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LANGUAGES, chooseLanguage, loadCatalogue, translator } from './languages.ts';
import type { Language, Sentence } from './languages.ts';

const ALL = Object.keys(LANGUAGES) as Language[];

test('every language says everything, and keeps the numbers', async () => {
  const english = await loadCatalogue('en');
  for (const language of ALL) {
    const catalogue = await loadCatalogue(language);
    assert.deepEqual(Object.keys(catalogue), Object.keys(english), language);
    for (const [key, text] of Object.entries(english) as [Sentence, string][]) {
      const theirs = catalogue[key];
      assert.ok(theirs.trim().length > 0, `${language}.${key}`);
      assert.equal(theirs.split('{n}').length, text.split('{n}').length, `${language}.${key}`);
      const units = key === 'megabytes' || key === 'gigabytes';
      if (language !== 'en' && text.length > 12 && !units)
        assert.notEqual(theirs, text, `${language}.${key} is not translated`);
    }
  }
});

test('a reader gets the first of their languages that there is', () => {
  assert.equal(chooseLanguage(['pt-BR', 'es-419', 'en']), 'es');
  assert.equal(chooseLanguage(['zh-Hans-CN']), 'zh');
  assert.equal(chooseLanguage(['FA']), 'fa');
  assert.equal(chooseLanguage(['tlh']), 'en');
  assert.equal(chooseLanguage([]), 'en');
  assert.equal(chooseLanguage(['constructor', '__proto__']), 'en');
});

test('numbers are written as the language does', async () => {
  const say = async (language: Language) =>
    translator(language, await loadCatalogue(language))('delay', { n: 1.25 });
  assert.match(await say('en'), /1\.3/);
  assert.match(await say('fr'), /1,3/);
  assert.match(await say('fa'), /۱٫۳/);
});
