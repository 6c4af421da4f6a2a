// What the bundle consists of and how each file is to be served.
import { readFile, readdir } from 'node:fs/promises';
import { extname, join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';

const TYPES = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
};
// Vite writes a hash of the content into these names.
const HASHED = /^\/assets\/.*-[\w-]{8}\.\w+$/;

// All files of a folder, in a fixed order: {path, type, immutable, plain, packed}. The page is at
// "/" and stays readable for those who look at it without a browser: `packed` is null where
// compression is not worth it.
export async function readBundle(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const names = entries.filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath ?? entry.path, entry.name))).sort();
  return Promise.all(names.map(async (name) => {
    const type = TYPES[extname(name)];
    if (!type) throw new Error(`${name}: nobody said what type such a file has`);
    const plain = await readFile(join(folder, name));
    const squeezed = gzipSync(plain, { level: 9 });
    const path = name === 'index.html' ? '/' : `/${name}`;
    const packed = path !== '/' && squeezed.length < plain.length * 0.9 ? squeezed : null;
    return { name, path, type, immutable: HASHED.test(path), plain, packed };
  }));
}

// The policy that the page itself states, with what only a header can say.
export function policyOf(files) {
  const page = files.find(({ path }) => path === '/').plain.toString();
  const [, policy] = /http-equiv="Content-Security-Policy"\s+content="([^"]+)"/.exec(page) ?? [];
  if (!policy) throw new Error('index.html states no Content-Security-Policy');
  return `${policy}; frame-ancestors 'none'`;
}
