// Every screen of the app by itself (web/ui/gallery.tsx), served on loopback.
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const web = new URL('../../../web/', import.meta.url);
const TYPES = { html: 'text/html', js: 'text/javascript', css: 'text/css', svg: 'image/svg+xml' };

async function bundle() {
  const vite = createRequire(new URL('package.json', web)).resolve('vite');
  const { build } = await import(pathToFileURL(vite));
  const at = (path) => new URL(path, web).pathname;
  const { output } = await build({
    root: web.pathname, configFile: at('vite.config.ts'), logLevel: 'warn',
    build: { write: false, rollupOptions: { input: { gallery: at('gallery.html') } } },
  });
  return new Map(output.map((file) => [
    `/${file.fileName}`, file.type === 'chunk' ? file.code : file.source]));
}

// {url, policy, close()}
export async function serveGallery() {
  const files = await bundle();
  const server = createServer(({ url }, response) => {
    const content = files.get(url);
    if (content === undefined) return response.writeHead(204).end();
    response.writeHead(200, { 'content-type': TYPES[url.split('.').pop()] ?? 'text/plain' });
    return response.end(content);
  });
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  return {
    url: `http://127.0.0.1:${server.address().port}/gallery.html`,
    close: () => new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    }),
  };
}
