// embed.mjs FOLDER OUT.cc: writes the bundle in FOLDER as C++ constants (web/web_bundle.h).
import { writeFile } from 'node:fs/promises';
import { policyOf, readBundle } from './bundle.mjs';

const PER_LINE = 24;

// Octal escapes of three digits, which no following character can lengthen.
function literal(bytes) {
  const lines = [];
  for (let at = 0; at < bytes.length; at += PER_LINE) {
    const line = [...bytes.subarray(at, at + PER_LINE)];
    lines.push(`"${line.map((b) => `\\${b.toString(8).padStart(3, '0')}`).join('')}"`);
  }
  return lines.join('\n') || '""';
}

const [folder, out] = process.argv.slice(2);
const files = await readBundle(folder);
const rows = files.map(({ path, type, immutable, plain, packed }) => {
  const bytes = packed ?? plain;
  return `    {${JSON.stringify(path)}, ${JSON.stringify(type)}, ${packed !== null}, ${immutable},
     std::string_view(
${literal(bytes)},
${bytes.length})},`;
});
await writeFile(out, `// Written by web/tools/embed.mjs.
#include "web/web_bundle.h"

namespace swarmcast {
namespace {

constexpr rendezvous::WebFile kFiles[] = {
${rows.join('\n')}
};

}  // namespace

const rendezvous::WebBundle& web_bundle() {
  static constexpr rendezvous::WebBundle kBundle{${JSON.stringify(policyOf(files))}, kFiles};
  return kBundle;
}

}  // namespace swarmcast
`);
