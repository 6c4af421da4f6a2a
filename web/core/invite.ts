// The invite: everything a stranger needs to join, as a link or a QR code (spec/invite.md, whose
// order of answers parseInvite() follows).
import { base64url, concat, crc32, fromBase64url, type Base64Decoded,
         type Bytes } from './bytes.ts';
import { formatEndpoint, isDialable, isIpv4, parseEndpoint, type Endpoint } from './endpoint.ts';

// A further way in. A reader takes the types it knows and skips the rest.
export interface InviteHint {
  type: number;
  value: Bytes;  // at most 255
}

export interface Invite {
  secret: Bytes;         // 16
  sourceKeyHash: Bytes;  // 16
  fingerprint: Bytes;    // 32, of the certificate the entry answers with
  entry: Endpoint;       // where the entry listens, UDP; port 0: nowhere, `meeting` is set
  // The entry cannot listen: it waits under this topic (16) at the gateway of the page.
  meeting?: Bytes;
  // Where the page is served, "https://live.example"; '': "http://" and the entry itself.
  origin: string;
  hints: InviteHint[];
}

export type InviteError =
  'not_an_invite' | 'cut_short' | 'damaged' | 'newer_version' | 'no_address';

// The longest text that is looked at.
export const MAX_INVITE_TEXT = 2_048;

const APP_SCHEME = 'swarmcast:';
const MAGIC = 0x50;  // high half of the first byte; the low half is the version
const VERSION = 1;
const NO_ADDRESS = 0;
const IPV4 = 1;
const IPV6 = 2;
const MEETING = 3;
const TOPIC_SIZE = 16;
const ADDRESS_MASK = 0x03;
const PREFIX_SIZE = 3;
const FIXED_SIZE = PREFIX_SIZE + 1 + 16 + 16 + 32;
const CHECKSUM_SIZE = 4;
const MAX_PAYLOAD_SIZE = MAX_INVITE_TEXT * 3 / 4;

// --- writing ---

const u16 = (value: number): Bytes => Uint8Array.of(value >> 8 & 0xff, value & 0xff);
const u32 = (value: number): Bytes => concat(u16(value >>> 16), u16(value));
const bytesOf = ({ ip, port }: Endpoint): Bytes => concat(ip, u16(port));

// Over the entry too, wherever that is written: a mistyped HOST is noticed.
const checksum = (content: Uint8Array, entry: Endpoint): number =>
  crc32(bytesOf(entry), crc32(content));

function payload(invite: Invite, withAddress: boolean): string {
  const { secret, sourceKeyHash, fingerprint, entry, meeting, hints } = invite;
  const v4 = isIpv4(entry.ip);
  const address = meeting ??
    (withAddress ? bytesOf(entry).subarray(v4 ? 12 : 0) : new Uint8Array());
  const kind = meeting ? MEETING : withAddress ? (v4 ? IPV4 : IPV6) : NO_ADDRESS;
  const ways = hints.map(({ type, value }) => concat(Uint8Array.of(type, value.length), value));
  const content = concat(Uint8Array.of(MAGIC | VERSION, 0, 0, kind), secret, sourceKeyHash,
                         fingerprint, address, ...ways);
  content.set(u16(content.length + CHECKSUM_SIZE), 1);
  return base64url(concat(content, u32(checksum(content, entry))));
}

// The link form. It leaves the address out if HOST says it.
export function inviteUrl(invite: Invite): string {
  const origin = invite.origin || `http://${formatEndpoint(invite.entry)}`;
  const said = endpointOf(origin);
  const same = said !== undefined && formatEndpoint(said) === formatEndpoint(invite.entry);
  return `${origin}/#${payload(invite, !same)}`;
}

// The form that only the installed app opens; not for a meeting place.
export const inviteAppLink = (invite: Invite): string => APP_SCHEME + payload(invite, true);

// --- reading ---

interface Parts {
  origin: string;  // "http://host:port" in lower case; '' in the app form
  text: string;    // of the payload
}

function split(text: string): Parts | undefined {
  if (text.toLowerCase().startsWith(APP_SCHEME)) {
    return { origin: '', text: text.slice(APP_SCHEME.length) };
  }
  const link = /^(https?:\/\/[^/?#]*)[^#]*#(.*)$/is.exec(text);
  return link ? { origin: link[1]!.toLowerCase(), text: link[2]! } : undefined;
}

// HOST and PORT of an origin, if HOST is an IP address.
function endpointOf(origin: string): Endpoint | undefined {
  const [, scheme, host] = /^(https?):\/\/(.*)$/.exec(origin) ?? [];
  if (host === undefined) return undefined;
  return parseEndpoint(host) ?? parseEndpoint(`${host}:${scheme === 'https' ? 443 : 80}`);
}

// Magic and length, which every version has in the same place.
function frameError({ bytes, clean, exact }: Base64Decoded,
                    link: boolean): InviteError | undefined {
  const foreign = link ? 'not_an_invite' : 'damaged';
  if (bytes.length === 0) return clean ? 'cut_short' : foreign;
  if ((bytes[0]! & 0xf0) !== MAGIC) return foreign;
  const length = bytes.length >= PREFIX_SIZE ? bytes[1]! << 8 | bytes[2]! : PREFIX_SIZE;
  if (length > MAX_PAYLOAD_SIZE) return foreign;
  if (!clean) return 'damaged';
  if (bytes.length < length) return 'cut_short';
  if (bytes.length > length || !exact) return 'damaged';
  const version = bytes[0]! & 0x0f;
  if (version > VERSION) return 'newer_version';
  return version < VERSION || length < FIXED_SIZE + CHECKSUM_SIZE ? 'damaged' : undefined;
}

const NOWHERE: Endpoint = { ip: new Uint8Array(16), port: 0 };

function readAddress(content: Bytes, kind: number): Endpoint | undefined {
  const size = kind === IPV4 ? 4 : 16;
  const bytes = content.subarray(FIXED_SIZE, FIXED_SIZE + size + 2);
  if (bytes.length !== size + 2) return undefined;
  const ip = new Uint8Array(16);
  if (kind === IPV4) ip.fill(0xff, 10, 12);
  ip.set(bytes.subarray(0, size), 16 - size);
  return { ip, port: bytes[size]! << 8 | bytes[size + 1]! };
}

function readHints(bytes: Bytes): InviteHint[] | undefined {
  const hints: InviteHint[] = [];
  for (let at = 0; at < bytes.length;) {
    const size = bytes[at + 1];
    if (size === undefined || at + 2 + size > bytes.length) return undefined;
    hints.push({ type: bytes[at]!, value: bytes.slice(at + 2, at + 2 + size) });
    at += 2 + size;
  }
  return hints;
}

function readPayload(bytes: Bytes, origin: string): Invite | InviteError {
  const content = bytes.subarray(0, bytes.length - CHECKSUM_SIZE);
  const flags = content[PREFIX_SIZE]!;
  const kind = flags & ADDRESS_MASK;
  const entry = kind === NO_ADDRESS ? endpointOf(origin)
    : kind === MEETING ? NOWHERE : readAddress(content, kind);
  if (!entry) return kind === NO_ADDRESS ? 'no_address' : 'damaged';
  const sum = u32(checksum(content, entry));
  if (sum.some((byte, index) => byte !== bytes[content.length + index])) return 'damaged';
  if (flags !== kind) return 'newer_version';
  const after = FIXED_SIZE + [0, 6, 18, TOPIC_SIZE][kind]!;
  if (content.length < after) return 'damaged';
  const hints = readHints(content.subarray(after));
  if (!hints) return 'damaged';
  if (kind === MEETING ? origin === '' : !isDialable(entry.ip) || entry.port === 0) {
    return 'no_address';
  }
  return {
    secret: content.slice(4, 20), sourceKeyHash: content.slice(20, 36),
    fingerprint: content.slice(36, 68), entry, hints,
    origin: origin === `http://${formatEndpoint(entry)}` ? '' : origin,
    ...(kind === MEETING ? { meeting: content.slice(FIXED_SIZE, after) } : {}),
  };
}

// Takes either form; white space around it is ignored.
export function parseInvite(text: string): Invite | InviteError {
  const trimmed = text.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, '');
  const parts = trimmed.length > MAX_INVITE_TEXT ? undefined : split(trimmed);
  if (!parts) return 'not_an_invite';
  const decoded = fromBase64url(parts.text);
  const error = frameError(decoded, parts.origin !== '');
  if (error) return error;
  // Nothing that a terminal, a page or a URL parser could take for something else.
  if (parts.origin && !/^https?:\/\/[a-z\d.\-:[\]]+$/.test(parts.origin)) return 'damaged';
  return readPayload(decoded.bytes, parts.origin);
}
