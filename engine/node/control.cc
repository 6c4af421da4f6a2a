// Bodies of the reliable control lane: the source's statements are checked here, the tree's go to
// the overlay.
#include "engine/node/node.h"
#include "engine/wire/envelope.h"
#include "engine/wire/signal.h"

namespace swarmcast::node {

namespace body = wire::body;
using Verdict = StreamTrust::Verdict;

void Node::say(PeerLink& link, const wire::Body& message) {
  Bytes<wire::kMaxBodySize> bytes;
  const size_t size = wire::encode_body(bytes, message);
  // A neighbour that lets its control messages pile up is not there any more.
  if (!link.control.send(ByteSpan(bytes).first(size))) link.closing = true;
  crypto_.wipe(bytes);
  link.dirty = true;
}

void Node::on_envelope(Instant now, PeerLink& link, ByteSpan message) {
  if (link.handshake) link.handshake->on_confirmed();
  const auto envelope = wire::parse_envelope(message);
  if (!envelope || !link.control.on_envelope(*envelope, now)) {
    ++counts_.drops.malformed;
    return;
  }
  while (const auto bytes = link.control.receive()) {
    if (link.closing) return;
    if ((*bytes)[0] == wire::kSignalType) {
      signalling_.on_signal(moment(now), link.id, *bytes);
      continue;
    }
    if (const auto parsed = wire::parse_body(*bytes))
      on_body(now, link, *parsed);
    else
      ++counts_.drops.malformed;
  }
}

void Node::on_body(Instant now, PeerLink& link, const wire::Body& message) {
  if (link.path.is_undecided() && !decide(now, link, message)) return;
  if (const auto* b = std::get_if<body::Welcome>(&message)) return on_welcome(now, link, *b);
  if (const auto* b = std::get_if<body::EpochKey>(&message)) {
    const Verdict verdict = trust_.on_epoch_key(*b);
    if (verdict == Verdict::kNew) {
      for (const auto& other : links_)
        if (other->is_child() && other.get() != &link) say(*other, *b);
    }
    return on_verdict(now, link, verdict);
  }
  if (const auto* b = std::get_if<body::Tombstone>(&message)) {
    const Verdict verdict = trust_.on_tombstone(*b);
    on_verdict(now, link, verdict);
    if (verdict == Verdict::kNew) end(now, output::EndReason::kSourceEnded);
    return;
  }
  if (const auto* b = std::get_if<body::Shedding>(&message)) {
    if (overlay_.is_parent(link.id)) on_shedding(now, link, *b);
    return;
  }
  if (std::get_if<body::KeyRequest>(&message)) {
    if (link.fed) on_key_request(now);
    return;
  }
  if (const auto* b = std::get_if<body::Record>(&message)) return on_record(now, link, *b);
  if (const auto* b = std::get_if<body::AlsoAt>(&message)) return on_also_at(now, link, *b);
  if (const auto* b = std::get_if<body::Path>(&message)) return on_path(now, link, *b);
  signalling_.on_body(now, link.neighbour(), message);
  overlay_.on_body(now, link.neighbour(), message);
}

void Node::on_verdict(Instant now, PeerLink& link, Verdict verdict) {
  if (verdict == Verdict::kKnown) ++counts_.drops.replayed;
  if (verdict != Verdict::kRefused && verdict != Verdict::kWrongSource) return;
  ++counts_.drops.forged;
  // Nothing on this lane arrives other than it was said, and nobody passes on what is not signed.
  if (verdict == Verdict::kRefused && trust_.known()) drop_forger(now, link);
}

void Node::on_welcome(Instant now, PeerLink& link, const body::Welcome& welcome) {
  const bool first = !trust_.known();
  const Verdict verdict = trust_.on_welcome(welcome);
  on_verdict(now, link, verdict);
  if (verdict == Verdict::kWrongSource) {
    if (first && link.ours) return end(now, output::EndReason::kWrongSource);
    return drop_link(now, link);
  }
  if (verdict == Verdict::kRefused) return;
  if (link.ours && !link.signalled) {  // there it is the address of one link only
    overlay_.set_own_endpoint(welcome.observed);
    emit(output::AddressObserved{welcome.observed});
  }
  if (verdict != Verdict::kNew) return;
  if (first) verifier_.emplace(crypto_, trust_.source_key(), options_.safeguards.verify);
  emit(output::StreamKnown{trust_.description()});
  if (options_.role == Role::kViewer && !screen_) {
    chunk::PlayoutOptions playout{.fixed = options_.playout, .ring_span = options_.ring_span};
    const Duration advertised = trust_.description().playout;
    if (!playout.fixed && advertised.us() > 0) playout.fixed = advertised;
    screen_.emplace(crypto_, playout);
  }
}

// False if it is too early to ask again.
bool Node::on_key_request(Instant now) {
  if (!is_source()) return request_key(now);
  if (key_requested_ + kKeyRequestGap > now) return false;
  key_requested_ = now;
  emit(output::KeyFrameWanted{});
  return true;
}

bool Node::request_key(Instant now) {
  PeerLink* link = any_parent();
  if (!link || key_requested_ + kKeyRequestGap > now) return false;
  key_requested_ = now;
  say(*link, body::KeyRequest{kVideoTrack});
  return true;
}

}  // namespace swarmcast::node
