// SDP (RFC 8866) to and from what two ends must tell each other. The mesh carries descriptions;
// each browser rebuilds the SDP for itself.
import { fromHex, toHex } from '../core/bytes.ts';
import { formatIp, parseIp } from '../core/endpoint.ts';
import { CANDIDATE_TYPES, MAX_CANDIDATES, type Candidate, type CandidateType,
         type LinkDescription } from '../core/link_description.ts';

const field = (sdp: string, name: string): string =>
  new RegExp(`^a=${name}:(.*?)\\r?$`, 'm').exec(sdp)?.[1] ?? '';

export const midOf = (sdp: string): string => field(sdp, 'mid') || '0';

// The name under which browsers hide an address from pages (mDNS).
const HIDDEN = /^([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})\.local$/i;

const addressOf = ({ type, endpoint: { ip } }: Candidate): string => (type === 'hidden'
  ? `${toHex(ip).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')}.local` : formatIp(ip));

// Candidates over TCP are left out: no peer listens there.
function candidatesOf(sdp: string): Candidate[] {
  const found: Candidate[] = [];
  for (const [, protocol, priority, address, port, type] of sdp.matchAll(
    /^a=candidate:\S+ 1 (\S+) (\d+) (\S+) (\d+) typ (\S+)/gm)) {
    const hidden = type === 'host' ? HIDDEN.exec(address!)?.[1] : undefined;
    const ip = hidden ? fromHex(hidden.replaceAll('-', '')) : parseIp(address!);
    const known = hidden || CANDIDATE_TYPES.includes(type as CandidateType);
    if (protocol!.toLowerCase() !== 'udp' || !ip || !known || port === '0') continue;
    found.push({ type: hidden ? 'hidden' : type as CandidateType, endpoint: { ip, port: Number(port) },
                 priority: Number(priority) });
  }
  return found.sort((a, b) => b.priority - a.priority).slice(0, MAX_CANDIDATES);
}

export function describe(sdp: string): LinkDescription {
  const fingerprint = /sha-256 (\S+)/i.exec(sdp)?.[1] ?? '';
  return { native: false, fingerprint: fromHex(fingerprint.replaceAll(':', '')),
           ufrag: field(sdp, 'ice-ufrag'), password: field(sdp, 'ice-pwd'),
           candidates: candidatesOf(sdp) };
}

// `setup` of RFC 4145: actpass in an offer; in an answer active or passive.
export function toSdp(description: Omit<LinkDescription, 'native'>,
                      setup: 'actpass' | 'active' | 'passive',
                      { mid = '0', lite = false } = {}): string {
  const { ufrag, password, fingerprint, candidates } = description;
  return [
    'v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 't=0 0', `a=group:BUNDLE ${mid}`,
    ...(lite ? ['a=ice-lite'] : []),
    'm=application 9 UDP/DTLS/SCTP webrtc-datachannel', 'c=IN IP4 0.0.0.0', `a=mid:${mid}`,
    `a=ice-ufrag:${ufrag}`, `a=ice-pwd:${password}`,
    `a=fingerprint:sha-256 ${toHex(fingerprint).toUpperCase().match(/../g)!.join(':')}`,
    `a=setup:${setup}`, 'a=sctp-port:5000', 'a=max-message-size:262144',
    ...candidates.map((candidate, index) => {
      const { type, endpoint, priority } = candidate;
      const own = type === 'host' || type === 'hidden';
      return `a=candidate:${index + 1} 1 udp ${priority} ${addressOf(candidate)} ` +
        `${endpoint.port} typ ${own ? 'host' : `${type} raddr 0.0.0.0 rport 9`}`;
    }),
    'a=end-of-candidates', '',
  ].join('\r\n');
}
