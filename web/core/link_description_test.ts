import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { ByteWriter } from './byte_io.ts';
import { fromHex, toHex } from './bytes.ts';
import { MAX_LINK_DESCRIPTION_SIZE, readLinkDescription,
         writeLinkDescription } from './link_description.ts';

interface Known { name: string; bytes: string }
const vectors = JSON.parse(readFileSync('../spec/vectors/signalling.json', 'utf8')) as
  { descriptions: Known[]; invalid_descriptions: Known[] };

for (const { name, bytes } of vectors.descriptions) {
  test(`link description: ${name}`, () => {
    const description = readLinkDescription(fromHex(bytes));
    assert.ok(description);
    const out = new ByteWriter(new Uint8Array(MAX_LINK_DESCRIPTION_SIZE));
    writeLinkDescription(out, description);
    assert.equal(toHex(out.written), bytes);
  });
}
for (const { name, bytes } of vectors.invalid_descriptions) {
  test(`link description: ${name}`,
       () => assert.equal(readLinkDescription(fromHex(bytes)), undefined));
}
