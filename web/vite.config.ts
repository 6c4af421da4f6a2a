import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { defineConfig } from 'vite';
import type { Plugin } from 'vite';

const WORKER = 'sw';

// Tells the service worker which files there are.
function listFiles(): Plugin {
  return {
    name: 'list-files',
    generateBundle(_, bundle) {
      const worker = bundle[`${WORKER}.js`];
      if (worker?.type !== 'chunk') throw new Error('there is no service worker in the bundle');
      const kept = readdirSync(new URL('public', import.meta.url));
      const built = Object.keys(bundle).filter((name) => name !== worker.fileName);
      const files = ['./', ...[...built, ...kept].sort().filter((name) => name !== 'index.html')
        .map((name) => `./${name}`)];
      const hash = createHash('sha256').update(files.join());
      for (const name of built.sort()) {
        const file = bundle[name];
        if (file) hash.update(file.type === 'chunk' ? file.code : file.source);
      }
      worker.code = worker.code.replace(/(['"`])__FILES__\1/, () => JSON.stringify(files))
        .replace('__VERSION__', hash.digest('hex').slice(0, 16));
    },
  };
}

// Relative addresses, because the bundle is served from a gateway's root and from any folder of an
// https host alike. Names carry a hash of the content, but for what must keep its name.
export default defineConfig({
  base: './',
  plugins: [listFiles()],
  build: {
    target: ['chrome110', 'firefox115', 'safari16.4'],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rollupOptions: {
      input: { index: 'index.html', [WORKER]: 'ui/service_worker.ts' },
      output: {
        entryFileNames: ({ name }) => (name === WORKER ? '[name].js' : 'assets/[name]-[hash].js'),
      },
    },
  },
});
