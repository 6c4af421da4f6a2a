// Links to neighbours, as the node runner sees them. Those that can be dialled speak DTLS over one
// UDP port (native_transport.h). For all others both sides prepare a link, exchange descriptions
// through somebody who has links to both, and ICE (RFC 8445) finds a path.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/api/output.h"
#include "engine/base/bytes.h"
#include "engine/base/contact.h"
#include "engine/base/ids.h"
#include "engine/base/link_description.h"

namespace swarmcast::transport {

using Lane = output::Lane;

// Links this node dials or prepares are named by the caller, with this bit set; links others dial
// are numbered by the transport, with it clear. No number is used twice.
inline constexpr uint32_t kDialledLinkBit = 0x8000'0000;

// Who described its end of a prepared link first. The two sides must not have the same role.
enum class LinkRole {
  kInitiator,  // ICE controlling, DTLS server
  kResponder,  // ICE controlled, DTLS client
};

// Which certificate a prepared link uses.
enum class LinkCertificate {
  kFresh,     // made for this link: two links of one peer have nothing in common
  kListener,  // that of fingerprint(), because the invite names it
};

// How a neighbour's packets travel.
enum class PathKind {
  kDirect,   // between addresses of the two hosts
  kNat,      // through an address that a NAT has given one of them
  kRelayed,  // through a TURN server
};

enum class DownReason {
  kClosedByPeer,      // the neighbour said goodbye
  kNoAnswer,          // dial: nothing authentic came back within the limit
  kWrongCertificate,  // dial: whoever answered does not hold the expected certificate
  kHandshakeFailed,   // DTLS could not be agreed on
  kSilence,           // up once, then no authentic packet for too long
  kReplaced,          // the neighbour dialled anew from the same address
  kAlreadyLinked,     // dial: there is a link to that address, or they are dialling us
  kTooManyLinks,      // dial: the limit on links is reached
  kUnreachable,       // dial: this host has no way to send to that address
  kNoCandidates,      // prepare: this host has no address to offer
  kRelayRefused,      // prepare: a TURN server refused the user name or password
  kRelaySilent,       // prepare: no TURN server answered, and only relayed paths are allowed
  kBadDescription,    // prepare: the other side's description cannot be used
  kNoDescription,     // prepare: the other side's description never came
  kNoPath,            // prepare: no pair of candidates could exchange packets
};

// A sentence for the user that says what happened and, where there is something, what to do.
const char* sentence(DownReason reason);

// Spans are borrowed for the duration of the call. Every method of Transport may be called from
// within, close() of the link in question included.
class LinkEvents {
 public:
  virtual ~LinkEvents() = default;
  // `ours`: we dialled, or are the initiator. Fingerprints are SHA-256 of each side's certificate
  // in DER form.
  virtual void on_up(LinkId link, bool ours, const Fingerprint& local, const Fingerprint& remote,
                     const Endpoint& remote_endpoint) = 0;
  // `arrived`: when it reached this machine, on the loop's clock; never() where nobody knows.
  virtual void on_message(LinkId link, ByteSpan message, Instant arrived) = 0;
  // For a link that was up, or that we dialled or prepared; never for one we closed. The id is
  // dead.
  virtual void on_down(LinkId link, DownReason reason) = 0;
  // For a prepared link: what the other side must be told. Again when there are more candidates,
  // all else being the same; the whole replaces what was said before.
  virtual void on_local_description(LinkId link, const LinkDescription& description) = 0;
};

// Cumulative counters.
struct TransportStats {
  uint64_t wire_in = 0;  // bytes, IP header up: UDP payload + 28 (IPv4) or 48 (IPv6)
  uint64_t wire_out = 0;
  uint64_t datagrams_in = 0;
  uint64_t datagrams_out = 0;
  uint64_t unsent = 0;       // refused by the kernel: its buffer full, no route
  uint64_t alien = 0;        // neither STUN nor DTLS, oversized, or of no known session
  uint64_t unauthentic = 0;  // STUN without valid credentials; DTLS forged or replayed
  uint64_t over_limit = 0;   // authentic, but refused by a limit on half-open links
  uint64_t unamplified = 0;  // answers held back from an address that has not proven itself
};
TransportStats operator+(const TransportStats& a, const TransportStats& b);

// Single-threaded; callbacks come from the loop, never from within dial(), send() or close().
class Transport {
 public:
  virtual ~Transport() = default;

  // Opens the port; 0 picks one. The unspecified IPv6 address means every address of both
  // families, the unspecified IPv4 address those of IPv4. Call once, before dial(). Gives nullopt,
  // or a sentence that says why not.
  [[nodiscard]] virtual std::optional<std::string> listen(const Endpoint& where) = 0;
  // What listen() bound, with the real port.
  virtual Endpoint local_endpoint() const = 0;
  // Of the certificate the listener answers with: part of our Contact.
  virtual const Fingerprint& fingerprint() const = 0;

  // Answered by on_up(link, ours = true) or on_down(link). `link` has kDialledLinkBit set and was
  // never used before.
  virtual void dial(LinkId link, const Contact& contact) = 0;
  // Begins a link to a peer that may not be dialled. `link` as for dial(). Answered by
  // on_local_description(), once what this host can offer is known or 300 ms have passed; then by
  // on_up(link, ours = initiator) or on_down(link).
  virtual void prepare(LinkId link, LinkRole role, LinkCertificate certificate) = 0;
  // What the other side's on_local_description() said; again when it said more. Before or after
  // our own description is known. Links that are not being prepared are ignored.
  virtual void set_remote_description(LinkId link, const LinkDescription& description) = 0;
  // Of a link that is up; it may change while the link lives.
  virtual PathKind path(LinkId link) const = 0;

  // Queues one message of 1..kMaxMessageSize bytes; false if the link is not up. The first byte
  // must not be kSctpFirstByte. The message is sent by flush() at the latest.
  virtual bool send(LinkId link, Lane lane, ByteSpan message) = 0;
  // Hands what is queued to the kernel. Cheap if nothing is. During a callback it waits until all
  // that has arrived is handled, so that one system call carries all answers.
  virtual void flush() = 0;
  // Says goodbye to the neighbour. Unknown links are ignored.
  virtual void close(LinkId link) = 0;

  virtual const TransportStats& stats() const = 0;
};

// DTLS application data that starts so is SCTP (source port 5000 = 0x13 0x88), not one of ours.
inline constexpr uint8_t kSctpFirstByte = 0x13;

}  // namespace swarmcast::transport
