import { defineConfig } from 'vite';

// Relative addresses, because the bundle is served from a gateway's root and from any folder of an
// https host alike. Names carry a hash of the content, but for what must keep its name.
export default defineConfig({
  base: './',
  build: {
    target: ['chrome110', 'firefox115', 'safari16.4'],
    assetsDir: 'assets',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    sourcemap: false,
  },
});
