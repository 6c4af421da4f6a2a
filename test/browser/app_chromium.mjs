// The app as a node's own gateway serves it, in Debian's Chromium.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Broadcast } from './lib/broadcast.mjs';
import { INSECURE_HOST, openChromium } from './lib/browser.mjs';
import { writeCodeClip } from './lib/camera_clip.mjs';

const WRONG_INVITES = [
  ['https://example.org/', 'This is not a SWARMCAST invite.'],
  ['http://127.0.0.1:7000/#UQ', 'Part of the invite is missing.'],
];

let broadcast;
before(async () => { broadcast = await Broadcast.start(); });
after(() => broadcast?.stop());

// Runs `work` with a browser of its own, then wants a clean console and no request to others.
async function visit(work, options = {}) {
  const browser = await openChromium(undefined, options);
  const { page } = browser;
  const elsewhere = [];
  page.on('request', (request) => {
    const { origin, protocol } = new URL(request.url());
    const own = [broadcast.origin, broadcast.origin.replace('127.0.0.1', INSECURE_HOST)];
    if (!own.includes(origin) && !['about:', 'blob:', 'data:'].includes(protocol))
      elsewhere.push(request.url());
  });
  try {
    await work(page, browser);
    assert.deepEqual(browser.errors, []);
    assert.deepEqual(elsewhere, []);
  } finally {
    await browser.close();
  }
}

test('the page comes with a policy, which holds for what is smuggled in', () =>
  visit(async (page, browser) => {
    const response = await page.goto(`${broadcast.origin}/`);
    const headers = response.headers();
    assert.match(headers['content-security-policy'], /^default-src 'none'; .*frame-ancestors 'none'$/);
    assert.equal(headers['cache-control'], 'no-store');
    await page.getByRole('button', { name: /Scan a code/ }).waitFor();
    // The policy holds for what somebody might smuggle in.
    assert.equal(await page.evaluate(async () => {
      const blocked = new Promise((resolve) => {
        addEventListener('securitypolicyviolation', ({ effectiveDirective }) =>
          resolve(effectiveDirective), { once: true });
      });
      const script = document.createElement('script');
      script.textContent = 'globalThis.smuggled = true';
      document.head.append(script);
      return blocked;
    }), 'script-src-elem');
    assert.equal(await page.evaluate(() => globalThis.smuggled), undefined);
    // The browser says so, as it should.
    assert.match(browser.errors.splice(0).join(), /violates the following Content Security Policy/);
  }));

test('the invite leaves the address bar at once, and nothing of it is kept', () =>
  visit(async (page) => {
    await page.goto(broadcast.invite);
    await page.locator('.panic').waitFor();
    assert.equal(page.url(), `${broadcast.origin}/`);
    const kept = await page.evaluate(async () => ({
      local: localStorage.length, session: sessionStorage.length, cookie: document.cookie,
      databases: (await indexedDB.databases()).length, caches: (await caches.keys()).length,
      workers: (await navigator.serviceWorker.getRegistrations()).length,
      referrer: document.referrer, text: document.documentElement.outerHTML,
    }));
    const payload = new URL(broadcast.invite).hash.slice(1);
    assert.ok(!kept.text.includes(payload));
    delete kept.text;
    assert.deepEqual(kept, { local: 0, session: 0, cookie: '', databases: 0, caches: 0, workers: 0,
                             referrer: '' });
  }));

test('a second invite in the same tab is taken as well', () =>
  visit(async (page) => {
    await page.goto(`${broadcast.origin}/`);
    await page.getByRole('button', { name: /Scan a code/ }).waitFor();
    await page.evaluate(() => { location.hash = 'UQ'; });
    await page.getByText('Part of the invite is missing.').waitFor();
    assert.equal(page.url(), `${broadcast.origin}/`);
  }));

for (const [text, sentence] of WRONG_INVITES) {
  test(`pasted: ${text}`, () => visit(async (page) => {
    await page.goto(`${broadcast.origin}/`);
    await page.getByLabel('Or paste an invite link').fill(text);
    await page.getByRole('button', { name: 'Watch', exact: true }).click();
    await page.getByText(sentence).waitFor();
    await page.getByRole('button', { name: 'Start page' }).click();
    await page.getByRole('button', { name: /Scan a code/ }).waitFor();
  }));
}

test('held, the eraser leaves an empty page with nothing behind it', () =>
  visit(async (page) => {
    await page.goto(broadcast.invite);
    const box = await page.locator('.panic').boundingBox();
    await page.mouse.move(box.x + 40, box.y + box.height / 2);
    await page.mouse.down();
    await page.waitForURL('about:blank');
    await page.mouse.up();
    assert.equal(await page.evaluate(() => document.documentElement.innerText.trim()), '');
    assert.equal(await page.title(), '');
    await page.goBack();
    assert.ok(!page.url().startsWith(broadcast.origin), page.url());
  }));

test('languages: the reader’s own, and any other by choice', () =>
  visit(async (page) => {
    await page.goto(`${broadcast.origin}/`);
    await page.getByLabel('Language').selectOption('fa');
    await page.getByRole('button', { name: /برای تماشا کد را اسکن کنید/ }).waitFor();
    assert.equal(await page.evaluate(() => document.documentElement.dir), 'rtl');
  }));

test('a page from plain http says what it is, and asks for no camera', () =>
  visit(async (page) => {
    await page.goto(broadcast.origin.replace('127.0.0.1', INSECURE_HOST));
    await page.getByText('Page not verified').waitFor();
    await page.getByRole('button', { name: /Scan a code/ }).click();
    await page.getByText(/This page cannot use the camera/).waitFor();
    await page.getByRole('button', { name: 'Back' }).click();
    await page.getByRole('button', { name: /Go live/ }).click();
    await page.getByRole('button', { name: 'Go live now' }).click();
    await page.getByText('The camera works on secure pages only').waitFor();
  }));

test('the address warning comes before the camera is asked for', () =>
  visit(async (page) => {
    await page.addInitScript(() => {
      globalThis.asked = 0;
      const { mediaDevices } = navigator;
      const real = mediaDevices.getUserMedia.bind(mediaDevices);
      mediaDevices.getUserMedia = (wanted) => { ++globalThis.asked; return real(wanted); };
    });
    await page.goto(`${broadcast.origin}/`);
    await page.getByRole('button', { name: /Go live/ }).click();
    await page.getByText(/can learn this phone’s internet address/).waitFor();
    assert.equal(await page.evaluate(() => globalThis.asked), 0);
  }, { camera: true }));

test('a code held before the camera is read, and the camera let go', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'swarmcast-browser-'));
  try {
    const clip = join(folder, 'code.y4m');
    await writeCodeClip(clip, broadcast.invite);
    await visit(async (page) => {
      await page.goto(`${broadcast.origin}/`);
      await page.getByRole('button', { name: /Scan a code/ }).click();
      const track = await page.waitForFunction(() =>
        document.querySelector('video')?.srcObject?.getVideoTracks()[0]);
      await page.locator('.finder').waitFor({ state: 'detached' });
      assert.equal(await track.evaluate(({ readyState }) => readyState), 'ended');
    }, { camera: clip });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('installed, it opens without a network', () =>
  visit(async (page, browser) => {
    await page.goto(`${broadcast.origin}/`);
    await page.locator('.panic').waitFor();
    // What the browser says once its user has installed the app.
    await page.evaluate(() => {
      dispatchEvent(new Event('appinstalled'));
      return navigator.serviceWorker.ready.then(() => undefined);
    });
    await page.context().setOffline(true);
    await page.reload();
    await page.getByRole('button', { name: /Scan a code/ }).waitFor();
    await page.getByLabel('Language').selectOption('ru');
    await page.getByRole('button', { name: /Сканировать код/ }).waitFor();
    const cached = await page.evaluate(async () => {
      const [name] = await caches.keys();
      return (await (await caches.open(name)).keys()).map(({ url }) => new URL(url).pathname);
    });
    assert.ok(cached.every((path) => /^\/$|^\/(assets|icon|app\.webmanifest)/.test(path)),
              `kept: ${cached}`);
    assert.deepEqual(browser.errors, []);
  }));
