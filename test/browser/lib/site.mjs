// Bundles a page of test/browser with what it imports from web/, and serves it on loopback.
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { INSECURE_HOST } from './browser.mjs';

const web = new URL('../../../web/', import.meta.url);
const TYPES = { html: 'text/html', js: 'text/javascript', css: 'text/css' };
// As in web/index.html.
const POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; " +
  "img-src 'self' data: blob:; media-src blob:; connect-src 'self'; worker-src 'self'";

async function bundle(folder) {
  const vite = createRequire(new URL('package.json', web)).resolve('vite');
  const { build } = await import(pathToFileURL(vite));
  const { output } = await build({
    root: new URL(`../${folder}/`, import.meta.url).pathname,
    base: './', configFile: false, logLevel: 'warn',
    build: { write: false, target: 'esnext', modulePreload: { polyfill: false },
             assetsInlineLimit: 0, reportCompressedSize: false },
  });
  return new Map(output.map((file) => [
    `/${file.fileName}`, file.type === 'chunk' ? file.code : file.source]));
}

// {secure, insecure}: the page's address as a secure and as an insecure origin.
export async function serve(folder) {
  const files = await bundle(folder);
  const server = createServer(({ url }, response) => {
    const path = url === '/' ? '/index.html' : url;
    const content = files.get(path);
    if (content === undefined) return response.writeHead(path === '/favicon.ico' ? 204 : 404).end();
    response.writeHead(200, { 'content-type': TYPES[path.split('.').pop()] ?? 'text/plain',
                              'content-security-policy': POLICY });
    return response.end(content);
  });
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const { port } = server.address();
  return {
    secure: `http://127.0.0.1:${port}/`,
    insecure: `http://${INSECURE_HOST}:${port}/`,
    close: () => new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    }),
  };
}
