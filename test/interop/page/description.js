// SDP (RFC 8866) to and from the few facts that two ends must tell each other:
//   {ufrag, password, fingerprint: hex, native, candidates: [{type, endpoint, priority}]}
// A mesh carries these; each browser rebuilds the SDP for itself.

const field = (sdp, name) => new RegExp(`^a=${name}:(.*?)\\r?$`, 'm').exec(sdp)?.[1];

const join = (address, port) =>
  (address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`);
export function split(endpoint) {
  const [, address, port] = /^\[?([^\]]+?)\]?:(\d+)$/.exec(endpoint);
  return { address, port };
}

// Candidates without an address (mDNS) and over TCP are left out: nobody else can use them.
export function describe(sdp) {
  const candidates = [];
  for (const [, protocol, priority, address, port, type] of sdp.matchAll(
    /^a=candidate:\S+ 1 (\S+) (\d+) (\S+) (\d+) typ (\S+)/gm)) {
    if (protocol.toLowerCase() !== 'udp' || address.endsWith('.local')) continue;
    candidates.push({ type, endpoint: join(address, port), priority: Number(priority) });
  }
  return {
    ufrag: field(sdp, 'ice-ufrag'),
    password: field(sdp, 'ice-pwd'),
    fingerprint: /sha-256 (\S+)/i.exec(sdp)[1].replaceAll(':', '').toLowerCase(),
    native: false,
    candidates,
  };
}

export const midOf = (sdp) => field(sdp, 'mid');

// `setup` of RFC 4145: actpass in an offer; in an answer active or passive.
export function toSdp(description, setup, { mid = '0', lite = false } = {}) {
  const { ufrag, password, fingerprint, candidates } = description;
  return [
    'v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 't=0 0', `a=group:BUNDLE ${mid}`,
    ...(lite ? ['a=ice-lite'] : []),
    'm=application 9 UDP/DTLS/SCTP webrtc-datachannel', 'c=IN IP4 0.0.0.0', `a=mid:${mid}`,
    `a=ice-ufrag:${ufrag}`, `a=ice-pwd:${password}`,
    `a=fingerprint:sha-256 ${fingerprint.toUpperCase().match(/../g).join(':')}`,
    `a=setup:${setup}`, 'a=sctp-port:5000', 'a=max-message-size:262144',
    ...candidates.map(({ type, endpoint, priority }, index) => {
      const { address, port } = split(endpoint);
      const related = type === 'host' ? '' : ' raddr 0.0.0.0 rport 9';
      return `a=candidate:${index + 1} 1 udp ${priority} ${address} ${port} typ ${type}${related}`;
    }),
    'a=end-of-candidates', '',
  ].join('\r\n');
}
