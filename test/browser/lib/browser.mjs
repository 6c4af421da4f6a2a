// Debian's browsers with a page open, each with a fresh profile that goes away with it.
import { chromium } from 'playwright-core';
import puppeteer from 'puppeteer-core';

const CALL_LIMIT_MS = 30_000;
const LAUNCH_LIMIT_MS = 60_000;

const CHROMIUM = '/usr/bin/chromium';
const FIREFOX = '/usr/bin/firefox-esr';
const CHROMIUM_ARGUMENTS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync',
  '--disable-background-networking', '--disable-component-update', '--mute-audio',
];
// The name is an insecure origin, where 127.0.0.1 is a secure one.
export const INSECURE_HOST = 'stream.test';
const INSECURE_ARGUMENTS = [
  `--host-resolver-rules=MAP ${INSECURE_HOST} 127.0.0.1`, '--disable-features=HttpsUpgrades'];
const FIREFOX_CAMERA = {
  'media.navigator.streams.fake': true, 'media.navigator.permission.disabled': true };

function within(limitMs, what, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: not within ${limitMs} ms`)), limitMs);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

// A page as the tests see it. `errors`: what it wrote to the console as an error, or threw.
class Page {
  constructor(browser, page) {
    this.browser = browser;
    this.page = page;
    this.errors = [];
    page.on('console', (message) => {
      if (message.type() === 'error') this.errors.push(message.text());
    });
    page.on('pageerror', (error) => this.errors.push(String(error)));
  }

  // Calls window.test[name](parameters) and gives its result.
  call(name, parameters = {}, limitMs = CALL_LIMIT_MS) {
    return within(limitMs, `page: ${name}`, this.page.evaluate(
      ([method, argument]) => globalThis.test[method](argument), [name, parameters]));
  }

  async open(url) {
    await within(LAUNCH_LIMIT_MS, 'page: open', this.page.goto(url));
    await within(LAUNCH_LIMIT_MS, 'page: scripts',
                 this.page.waitForFunction(() => globalThis.test !== undefined));
  }

  close() {
    return within(LAUNCH_LIMIT_MS, 'browser: close', this.browser.close());
  }
}

// Nobody wants its profile: Firefox need not put it in order, for which it has five seconds.
class FirefoxPage extends Page {
  close() {
    const firefox = this.browser.process();
    const ended = new Promise((resolve) => { firefox.once('exit', resolve); });
    firefox.kill('SIGKILL');
    return within(LAUNCH_LIMIT_MS, 'browser: end', ended);
  }
}

// Without a `url` the page is empty, and whoever asked for it goes where they want.
async function opened(page, url) {
  try {
    if (url !== undefined) await page.open(url);
    return page;
  } catch (error) {
    await page.close();
    throw error;
  }
}

// `camera`: a fake one, with permission; a Y4M file's pictures if it names one.
export async function openChromium(url, { camera, more = [] } = {}) {
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    timeout: LAUNCH_LIMIT_MS,
    args: [
      ...CHROMIUM_ARGUMENTS, ...INSECURE_ARGUMENTS,
      '--autoplay-policy=no-user-gesture-required',
      ...(camera ? ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'] : []),
      ...(typeof camera === 'string' ? [`--use-file-for-fake-video-capture=${camera}`] : []),
      ...more,
    ],
  });
  return opened(new Page(browser, await browser.newPage()), url);
}

export async function openFirefox(url, { camera } = {}) {
  const browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath: FIREFOX,
    headless: true,
    timeout: LAUNCH_LIMIT_MS,
    extraPrefsFirefox: { 'media.autoplay.default': 0, ...(camera ? FIREFOX_CAMERA : {}) },
  });
  return opened(new FirefoxPage(browser, await browser.newPage()), url);
}
