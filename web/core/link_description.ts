// What a peer that cannot simply be dialled tells another (spec/signalling.md, "Link description").
import { ByteReader, ByteWriter } from './byte_io.ts';
import type { Bytes } from './bytes.ts';
import type { Endpoint } from './endpoint.ts';

// Hidden: a browser's own whose address it keeps to itself, with the UUID of its mDNS name instead.
export const CANDIDATE_TYPES = ['host', 'srflx', 'relay', 'hidden'] as const;
export type CandidateType = typeof CANDIDATE_TYPES[number];

export interface Candidate {
  type: CandidateType;
  endpoint: Endpoint;
  priority: number;  // RFC 8445, 5.1.2
}

export interface LinkDescription {
  native: boolean;  // speaks the engine's messages as raw DTLS application data
  fingerprint: Bytes;
  ufrag: string;
  password: string;
  candidates: Candidate[];
}

// As engine/base/link_description.h.
export const MAX_CANDIDATES = 8;
export const MAX_LINK_DESCRIPTION_SIZE = 1 + 32 + 1 + 32 + 1 + 64 + 1 + MAX_CANDIDATES * 23;
const isUfrag = (text: string) => /^[\w+/]{4,32}$/.test(text) && !text.includes('_');
const isPassword = (text: string) => /^[\w+/]{22,64}$/.test(text) && !text.includes('_');

export function writeLinkDescription(out: ByteWriter, description: LinkDescription): void {
  const { native, fingerprint, ufrag, password, candidates } = description;
  out.u8(native ? 1 : 0).bytes(fingerprint).text(ufrag).text(password).u8(candidates.length);
  for (const { type, endpoint, priority } of candidates) {
    out.u8(CANDIDATE_TYPES.indexOf(type)).endpoint(endpoint).u32(priority);
  }
}

export function readLinkDescription(data: Uint8Array): LinkDescription | undefined {
  const input = new ByteReader(data);
  const flags = input.u8();
  const fingerprint = input.bytes(32);
  const ufrag = input.text();
  const password = input.text();
  const count = input.u8();
  if (flags > 1 || !isUfrag(ufrag) || !isPassword(password) || count > MAX_CANDIDATES) {
    return undefined;
  }
  const candidates: Candidate[] = [];
  const seen = new Set<string>();
  for (let i = 0; i < count; ++i) {
    const type = CANDIDATE_TYPES[input.u8()];
    const endpoint = input.endpoint();
    const priority = input.u32();
    if (type === undefined || endpoint.port === 0) return undefined;
    seen.add(`${type} ${endpoint.ip.join()} ${endpoint.port} ${priority}`);
    candidates.push({ type, endpoint, priority });
  }
  if (!input.finished || seen.size !== count) return undefined;
  return { native: flags === 1, fingerprint, ufrag, password, candidates };
}
