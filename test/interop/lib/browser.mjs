// Debian's browsers with our page open, each with a fresh profile that goes away with it.
import { chromium } from 'playwright-core';
import puppeteer from 'puppeteer-core';

const CALL_LIMIT_MS = 20_000;
const LAUNCH_LIMIT_MS = 60_000;
const CLOCK_READINGS = 500;  // at most: a busy machine gives few quick ones
const GOOD_READING_MS = 0.8;

const CHROMIUM = '/usr/bin/chromium';
const FIREFOX = '/usr/bin/firefox-esr';
const CHROMIUM_ARGUMENTS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync',
  '--disable-background-networking', '--disable-component-update',
];

export function within(limitMs, what, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: not within ${limitMs} ms`)), limitMs);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

// A page as the tests see it.
export class Page {
  constructor(browser, page) {
    this.browser = browser;
    this.page = page;
  }

  // Calls window.interop[name](parameters) and gives its result.
  call(name, parameters = {}, limitMs = CALL_LIMIT_MS) {
    return within(limitMs, `page: ${name}`, this.page.evaluate(
      ([method, argument]) => globalThis.interop[method](argument), [name, parameters]));
  }

  async open(url) {
    await within(LAUNCH_LIMIT_MS, 'page: open', this.page.goto(url));
    await within(LAUNCH_LIMIT_MS, 'page: scripts',
                 this.page.waitForFunction(() => globalThis.interop !== undefined));
  }

  // Tells the page how far its clock is from CLOCK_MONOTONIC, for who wants one-way delays: the
  // reading that took least time is right to half of that.
  async setClock() {
    let best = Infinity;
    let offsetMs = 0;
    for (let i = 0; i < CLOCK_READINGS && best > GOOD_READING_MS; ++i) {
      const before = Number(process.hrtime.bigint()) / 1e6;
      const theirs = await this.call('now');
      const after = Number(process.hrtime.bigint()) / 1e6;
      if (after - before >= best) continue;
      best = after - before;
      offsetMs = (before + after) / 2 - theirs;
    }
    await this.call('setClock', offsetMs);
    this.clockErrorMs = best / 2;
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

// `realAddresses`: candidates name the host's address instead of an mDNS one.
export async function openChromium(url, { realAddresses = false } = {}) {
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    timeout: LAUNCH_LIMIT_MS,
    args: [...CHROMIUM_ARGUMENTS,
           ...(realAddresses ? ['--disable-features=WebRtcHideLocalIpsWithMdns'] : [])],
  });
  const page = new Page(browser, await browser.newPage());
  await page.open(url);
  return page;
}

export async function openFirefox(url, { realAddresses = false } = {}) {
  const browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath: FIREFOX,
    headless: true,
    timeout: LAUNCH_LIMIT_MS,
    extraPrefsFirefox: { 'media.peerconnection.ice.obfuscate_host_addresses': !realAddresses },
  });
  const page = new FirefoxPage(browser, await browser.newPage());
  await page.open(url);
  return page;
}
