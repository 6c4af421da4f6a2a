#include "host/transport/link.h"

namespace swarmcast::transport {

const char* sentence(DownReason reason) {
  switch (reason) {
    case DownReason::kClosedByPeer:
      return "the other side closed the link";
    case DownReason::kNoAnswer:
      return "nobody answered there: the invite may be of another or a finished broadcast, or a "
             "firewall is in the way (it must let UDP through to that port)";
    case DownReason::kWrongCertificate:
      return "somebody answered there, but not the node the invite names: ask for a fresh invite";
    case DownReason::kHandshakeFailed:
      return "the encrypted connection could not be agreed on: the other side may run another "
             "version";
    case DownReason::kSilence:
      return "the other side fell silent";
    case DownReason::kReplaced:
      return "the other side connected anew from the same address";
    case DownReason::kAlreadyLinked:
      return "there is a link to that address already";
    case DownReason::kTooManyLinks:
      return "this node has as many links as it may";
    case DownReason::kUnreachable:
      return "this computer has no route to that address: check the network connection";
    case DownReason::kNoCandidates:
      return "this computer has no network address to offer: check the network connection";
    case DownReason::kRelayRefused:
      return "the TURN server refused the user name or password: check the --turn option";
    case DownReason::kRelaySilent:
      return "no TURN server answered, and only relayed paths are allowed: check the --turn option "
             "and the network connection";
    case DownReason::kBadDescription:
      return "the other side described its end of the link in a way that cannot be used: it may "
             "run another version";
    case DownReason::kNoDescription:
      return "the other side never described its end of the link: it may have left";
    case DownReason::kNoPath:
      return "no way to the other side was found: firewalls or address translators on both sides "
             "are in the way, and a TURN server would help (--turn)";
  }
  return "the link went down";
}

TransportStats operator+(const TransportStats& a, const TransportStats& b) {
  return {.wire_in = a.wire_in + b.wire_in,
          .wire_out = a.wire_out + b.wire_out,
          .datagrams_in = a.datagrams_in + b.datagrams_in,
          .datagrams_out = a.datagrams_out + b.datagrams_out,
          .unsent = a.unsent + b.unsent,
          .alien = a.alien + b.alien,
          .unauthentic = a.unauthentic + b.unauthentic,
          .over_limit = a.over_limit + b.over_limit,
          .unamplified = a.unamplified + b.unamplified};
}

}  // namespace swarmcast::transport
