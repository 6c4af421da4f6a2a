#include "engine/overlay/overlay.h"

#include <algorithm>
#include <ranges>

namespace swarmcast::overlay {

namespace body = wire::body;

namespace {

Shared shared_of(const OverlayOptions& o) {
  const auto spread = o.root ? Places::Spread::kEven : Places::Spread::kShared;
  return {.options = o, .places = Places(o.max_places, o.stripes, spread)};
}

// The stripe that a body is about; none: it is about none.
std::optional<StripeId> stripe_of(const wire::Body& message) {
  return std::visit(
      [](const auto& b) -> std::optional<StripeId> {
        if constexpr (requires { b.stripe; }) return b.stripe;
        return std::nullopt;
      },
      message);
}

}  // namespace

Overlay::Overlay(const OverlayOptions& options) : shared_(shared_of(options)) {
  for (size_t i = 0; i < options.stripes; ++i)
    trees_.push_back(std::make_unique<Tree>(shared_, StripeId(static_cast<uint8_t>(i))));
}

void Overlay::start(Instant now) {
  idle_at_ = now + kReportInterval;
  each([&](Tree& t) { t.start(now); });
  settle(now);
}

bool Overlay::on_link_ready(Instant now, LinkId link, const PeerId& peer, const Endpoint& remote,
                            bool ours, const std::optional<Fingerprint>& dialled_fingerprint,
                            bool signalled) {
  shared_.dials.remove(link);
  if (peer == shared_.options.self) return false;
  Neighbour n{.link = link,
              .peer = peer,
              .remote = remote,
              .ours = ours,
              .signalled = signalled,
              .idle_since = now};
  if (dialled_fingerprint) n.contact = Contact{peer, remote, *dialled_fingerprint};
  if (links_.size() >= kMaxLinks) return false;
  links_.push_back(link);
  shared_.actions.emplace_back(RelationChanged{link, LinkDirection::kOther});
  each([&](Tree& t) { t.on_link_ready(now, n); });
  settle(now);
  return true;
}

void Overlay::on_link_moved(LinkId from, LinkId to) {
  std::ranges::replace(links_, from, to);
  each([&](Tree& t) { t.on_link_moved(from, to); });
}

void Overlay::on_link_down(Instant now, LinkId link) {
  shared_.dials.remove(link);
  std::erase(links_, link);
  each([&](Tree& t) { t.on_link_down(now, link); });
  settle(now);
}

void Overlay::on_body(Instant now, LinkId link, const wire::Body& message) {
  if (std::ranges::find(links_, link) == links_.end()) return;
  if (const auto* b = std::get_if<body::Record>(&message))
    each([&](Tree& t) { t.on_record(link, b->record); });
  if (std::get_if<body::Leave>(&message)) {
    shared_.actions.emplace_back(Drop{link});
    return on_link_down(now, link);
  }
  const auto stripe = stripe_of(message);
  if (!stripe || stripe->value() >= trees_.size()) return;
  trees_[stripe->value()]->on_body(now, link, message);
  settle(now);
}

void Overlay::on_entry_record(Instant now, const PeerRecord& record) {
  if (shared_.options.entry) shared_.options.entry->record = record;
  each([&](Tree& t) { t.on_entry_record(now, record); });
  settle(now);
}

void Overlay::on_parent_silent(Instant now, LinkId link) {
  each([&](Tree& t) { t.on_parent_silent(now, link); });
  settle(now);
}

void Overlay::on_parent_speaks(LinkId link) {
  each([&](Tree& t) { t.on_parent_speaks(link); });
}

void Overlay::on_parent_withholds(Instant now, LinkId link, StripeId stripe) {
  trees_[stripe.value()]->on_parent_withholds(now, link);
  settle(now);
}

void Overlay::on_forger(Instant now, LinkId link) {
  for (const Neighbour& n : trees_.front()->neighbours())
    if (n.link == link) shared_.shunned.add(now, {n.peer, n.remote, {}}, Shunned::Why::kForged);
}

void Overlay::set_parent_loss(LinkId link, double loss) {
  each([&](Tree& t) { t.set_parent_loss(link, loss); });
}

void Overlay::on_parent_sheds(Instant now, LinkId link, StripeId stripe, bool sheds, bool here) {
  if (stripe.value() < trees_.size())
    trees_[stripe.value()]->on_parent_sheds(now, link, sheds, here);
}

void Overlay::set_places(Instant now, size_t places) {
  shared_.places.set_total(places);
  each([&](Tree& t) { t.on_places_changed(now); });
  settle(now);
}

void Overlay::set_playout(Duration delay) {
  shared_.playout_ms = static_cast<uint16_t>(std::clamp<int64_t>(delay.ms(), 0, UINT16_MAX));
}

// --- over all stripes

Standing Overlay::standing() const {
  Standing all{.attached = true};
  for (const auto& t : trees_) {
    const Position& p = t->position();
    all.attached &= p.attached;
    all.depth = std::max(all.depth, p.depth);
    all.witnesses = std::max(all.witnesses, p.swarm_witnesses);
  }
  return all;
}

size_t Overlay::stripes_from(LinkId link) const {
  return static_cast<size_t>(
      std::ranges::count_if(trees_, [&](const auto& t) { return t->parent() == link; }));
}

bool Overlay::is_from_source(LinkId link) const {
  return std::ranges::any_of(
      trees_, [&](const auto& t) { return t->parent() == link && t->position().depth == 1; });
}

std::optional<LinkId> Overlay::any_parent() const {
  for (const auto& t : trees_)
    if (t->parent()) return t->parent();
  return std::nullopt;
}

std::optional<body::Report> Overlay::report_of(LinkId child) const {
  for (const auto& t : trees_) {
    const auto n = std::ranges::find(t->neighbours(), child, &Neighbour::link);
    if (n != t->neighbours().end() && n->report) return n->report;
  }
  return std::nullopt;
}

double Overlay::subtree_shed() const {
  double most = 0;
  for (const auto& t : trees_) {
    const body::Report r = t->report();
    if (r.witnesses > 0) most = std::max(most, static_cast<double>(r.shed) / r.witnesses);
  }
  return most;
}

double Overlay::subtree_loss() const {
  double sum = 0;
  for (const auto& t : trees_) sum += t->subtree_loss();
  return sum / static_cast<double>(trees_.size());
}

Duration Overlay::subtree_delay() const {
  uint16_t longest = 0;
  for (const auto& t : trees_) longest = std::max(longest, t->report().delay_ms);
  return Duration::millis(longest);
}

uint8_t Overlay::height() const {
  uint8_t levels = 0;
  for (const auto& t : trees_) levels = std::max(levels, t->neighbours().levels_below());
  return levels;
}

LinkDirection Overlay::direction(LinkId link) const {
  LinkDirection closest = LinkDirection::kOther;
  const auto rank = [](LinkDirection d) {
    switch (d) {
      case LinkDirection::kParent:
        return 4;
      case LinkDirection::kChild:
        return 3;
      case LinkDirection::kBackup:
        return 2;
      case LinkDirection::kStandby:
        return 1;
      default:
        return 0;
    }
  };
  for (const auto& t : trees_) {
    const auto n = std::ranges::find(t->neighbours(), link, &Neighbour::link);
    if (n != t->neighbours().end() && rank(n->direction()) > rank(closest))
      closest = n->direction();
  }
  return closest;
}

// --- in time

// Where nothing else helps a peer gives up: a newcomer that does not get all stripes, and one that
// has none left. Else the stripe is looked for again.
bool Overlay::is_fatal(Failure why) const {
  if (why == Failure::kSwarmFull) return !complete_;
  return std::ranges::none_of(trees_, [](const auto& t) { return t->position().attached; });
}

void Overlay::settle(Instant now) {
  while (!shared_.given_up.empty()) {
    const LinkId link = shared_.given_up.back();
    shared_.given_up.pop_back();
    each([&](Tree& t) { t.on_link_down(now, link); });
  }
  complete_ |= std::ranges::all_of(trees_, [](const auto& t) { return t->position().attached; });
  for (const auto& t : trees_) {
    if (!t->failed() || failed_) continue;
    if (is_fatal(*t->failed())) {
      failed_ = true;
      shared_.actions.emplace_back(Failed{*t->failed()});
    } else {
      t->resume(now);
    }
  }
  follow_size();
}

// In a large swarm a peer feeds children in one stripe only.
void Overlay::follow_size() {
  if (shared_.options.root) return;
  const uint32_t witnesses = standing().witnesses;
  if (witnesses > kSmallSwarm) shared_.places.set_spread(Places::Spread::kPrimary);
  if (witnesses < kSmallSwarm / 2) shared_.places.set_spread(Places::Spread::kShared);
}

// A neighbour without any relation is kept for a moment, so that the last words arrive.
void Overlay::drop_idle(Instant now) {
  const bool steps = std::ranges::any_of(trees_, [](const auto& t) { return t->needs_steps(); });
  std::vector<LinkId> idle;
  for (const Neighbour& n : trees_.front()->neighbours()) {
    const Duration patience = !n.ours ? kInboundIdleTime : steps ? kStepTime : kLingerTime;
    const bool useless = std::ranges::all_of(trees_, [&](const auto& t) {
      const Instant since = t->idle_since(n.link);
      return !since.is_never() && since + patience <= now;
    });
    if (useless) idle.push_back(n.link);
  }
  for (LinkId link : idle) {
    shared_.actions.emplace_back(Drop{link});
    std::erase(links_, link);
    each([&](Tree& t) { t.forget(link); });
  }
}

void Overlay::on_timeout(Instant now) {
  for (const auto& t : trees_)
    if (t->next_timeout() <= now) t->on_timeout(now);
  if (idle_at_ <= now) {
    idle_at_ = now + kReportInterval;
    drop_idle(now);
  }
  settle(now);
}

Instant Overlay::next_timeout() const {
  Instant next = idle_at_;
  for (const auto& t : trees_) next = std::min(next, t->next_timeout());
  return next;
}

std::optional<Action> Overlay::poll() {
  if (shared_.actions.empty()) return std::nullopt;
  Action out = std::move(shared_.actions.front());
  shared_.actions.pop_front();
  if (auto* changed = std::get_if<RelationChanged>(&out))
    changed->direction = direction(changed->link);
  return out;
}

}  // namespace swarmcast::overlay
