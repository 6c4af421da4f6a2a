// Every screen of the app in Debian's Chromium: legible, reachable, named. With SCREENSHOTS=FOLDER it
// leaves a picture of each, to be looked at.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openChromium } from './lib/browser.mjs';
import { serveGallery } from './lib/gallery.mjs';
import { poorContrast, poorLayout } from './lib/look.mjs';

const AAA = 7;            // WCAG 2.2, 1.4.6
const TARGET_PX = 44;     // WCAG 2.2, 2.5.5
const SIZES = { small: [320, 568], phone: [360, 740], side: [740, 360], desk: [1_280, 800] };
const LANGUAGES = ['en', 'es', 'fr', 'ar', 'fa', 'ru', 'zh'];

let gallery;
let browser;
let page;
before(async () => {
  gallery = await serveGallery();
  browser = await openChromium();
  page = browser.page;
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.goto(gallery.url);
  await page.waitForFunction(() => globalThis.gallery);
});
after(async () => {
  await browser?.close();
  await gallery?.close();
});

const names = () => page.evaluate(() => globalThis.gallery.names);
const show = (name, language) =>
  page.evaluate(([n, l]) => globalThis.gallery.show(n, l), [name, language]);

async function look(name, language, size, scheme) {
  await show(name, language);
  const where = `${name}-${language}-${size}-${scheme}`;
  const folder = process.env.SCREENSHOTS;
  if (folder) await page.screenshot({ path: `${folder}/${where}.png` });
  return [...await page.evaluate(poorContrast, AAA), ...await page.evaluate(poorLayout, TARGET_PX)]
    .map((fault) => `${where}: ${fault}`);
}

for (const [size, [width, height]] of Object.entries(SIZES)) {
  test(`${size}, ${width} x ${height}: every screen is legible and within reach`, async () => {
    await page.setViewportSize({ width, height });
    const faults = [];
    for (const scheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme: scheme });
      for (const name of await names())
        for (const language of ['en', 'fa']) faults.push(...await look(name, language, size, scheme));
    }
    assert.deepEqual(faults, []);
  });
}

test('every language fits a small phone', async () => {
  await page.setViewportSize({ width: 320, height: 568 });
  const faults = [];
  for (const language of LANGUAGES)
    for (const name of await names()) faults.push(...await look(name, language, 'small', 'dark'));
  assert.deepEqual(faults, []);
});

test('right-to-left languages turn the page around', async () => {
  for (const [language, direction] of [['ar', 'rtl'], ['fa', 'rtl'], ['en', 'ltr']]) {
    await show('home', language);
    assert.deepEqual(await page.evaluate(() => [document.documentElement.dir,
                                                document.documentElement.lang]),
                     [direction, language]);
  }
});

test('whatever can be used has a name', async () => {
  const session = await page.context().newCDPSession(page);
  for (const name of await names()) {
    await show(name, 'en');
    const { nodes } = await session.send('Accessibility.getFullAXTree');
    const roles = ['button', 'textbox', 'radio', 'combobox', 'image', 'dialog', 'alertdialog'];
    const nameless = nodes.filter(({ ignored, role, name: label }) =>
      !ignored && roles.includes(role?.value) && !label?.value?.trim());
    assert.deepEqual(nameless.map(({ role }) => `${name}: ${role.value}`), []);
  }
  await session.detach();
});

test('a screen reader is told what everybody sees', async () => {
  await show('watch', 'en');
  const snapshot = await page.locator('body').ariaSnapshot();
  for (const line of ['status: Live', 'img "Watching: 128"', 'img "Late by 0.3 s"', 'img "Secure"',
                      'button "See your address: 5"', 'button "Sound" [pressed]', 'button "Leave"',
                      'button "Hold to erase"'])
    assert.ok(snapshot.includes(line), `${line} is not in\n${snapshot}`);
  await show('watch-lost', 'en');
  assert.match(await page.locator('body').ariaSnapshot(), /status: Picture lost/);
});

test('the keyboard alone reaches everything', async () => {
  for (const name of await names()) {
    await show(name, 'en');
    const wanted = await page.evaluate(() => {
      document.activeElement?.blur();
      const groups = new Set();
      for (const one of document.querySelectorAll('button, select, input'))
        if (!one.closest('[inert]')) groups.add(one.type === 'radio' ? one.name : one);
      return groups.size;
    });
    const reached = new Set();
    const controls = () => [...reached].filter((one) => !/^(BODY|DIV) /.test(one));
    // On its way round the focus stops at the browser's own places, too.
    for (let i = 0; i < 4 * wanted + 20 && controls().length < wanted; ++i) {
      await page.keyboard.press('Tab');
      reached.add(await page.evaluate(() => {
        const one = document.activeElement;
        return one.type === 'radio' ? one.name : `${one.tagName} ${one.textContent}${one.ariaLabel}`;
      }));
    }
    assert.ok(controls().length >= wanted, `${name}: ${controls()} of ${wanted}`);
  }
});

const calls = () => page.evaluate(() => globalThis.gallery.calls.splice(0));
const called = (what) => page.waitForFunction((w) => globalThis.gallery.calls.includes(w), what);

test('the eraser: held by a finger, a key, Escape; pressed twice by a screen reader', async () => {
  for (const name of ['watch', 'watch-code', 'broadcast-dark', 'home']) {
    await show(name, 'en');
    await calls();
    const box = await page.locator('.panic').last().boundingBox();
    await page.mouse.move(box.x + box.width / 3, box.y + box.height / 2);
    await page.mouse.down();
    await called('panic');
    await page.mouse.up();
  }
  await calls();
  await page.keyboard.down('Escape');
  await called('panic');
  await page.keyboard.up('Escape');
  await calls();
  await page.locator('.panic').focus();
  await page.keyboard.down('Enter');
  await called('panic');
  await page.keyboard.up('Enter');
  await calls();
  await page.evaluate(() => document.querySelector('.panic').click());
  assert.deepEqual(await calls(), []);
  await page.getByText('Press once more to erase').waitFor();
  await page.evaluate(() => document.querySelector('.panic').click());
  assert.deepEqual(await calls(), ['panic']);
});

test('the eraser: a short touch, and one that slips away, do nothing', async () => {
  await show('home', 'en');
  await calls();
  const box = await page.locator('.panic').boundingBox();
  const sawBar = () => page.evaluate(() => document.querySelector('.panic.holding') !== null);
  await page.mouse.move(box.x + 50, box.y + 20);
  await page.mouse.down();
  assert.equal(await sawBar(), true);
  await page.mouse.up();
  assert.equal(await sawBar(), false);
  assert.deepEqual(await calls(), []);
});

test('with less motion nothing moves', async () => {
  await show('watch-connecting', 'en');
  assert.equal(await page.evaluate(() => document.getAnimations().length), 0);
});

test('nothing was written to the console as an error', () => {
  assert.deepEqual(browser.errors, []);
});
