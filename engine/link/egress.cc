#include "engine/link/egress.h"

#include <algorithm>
#include <numeric>

#include "engine/base/check.h"

namespace swarmcast::link {
namespace {

// By the level that is left for the next.
constexpr std::array kShedAbove = {kShedT2Above, kShedT1Above, kShedPictureAbove};

constexpr Duration kOfferPeriod = Duration::seconds(1);

constexpr size_t index_of(SendClass send_class) { return static_cast<size_t>(send_class); }

bool is_shed(Shedding level, SendClass send_class) {
  switch (send_class) {
    case SendClass::kT2:
      return level >= Shedding::kT2;
    case SendClass::kT1:
      return level >= Shedding::kT1AndT2;
    case SendClass::kBase:
    case SendClass::kRepair:  // of sound, too: a packet of it is over before its repair comes
      return level >= Shedding::kPicture;
    case SendClass::kSound:
      break;
  }
  return false;
}

}  // namespace

bool EgressController::add_link(LinkId id, int weight) {
  SWARMCAST_CHECK(weight >= 1 && weight <= 16 && find(id) == nullptr);
  auto slot = std::ranges::find(links_, false, &LinkState::used);
  if (slot == links_.end()) {
    if (links_.size() == kMaxLinks) return false;
    slot = links_.emplace(slot);
  }
  *slot = LinkState{.used = true, .id = id, .weight = static_cast<uint32_t>(weight)};
  return true;
}

void EgressController::remove_link(LinkId id) {
  LinkState* link = find(id);
  if (link == nullptr) return;
  for (size_t c = 0; c < kSendClasses; ++c) drop_all(*link, c, counts_.cancelled);
  link->used = false;
  while (!links_.empty() && !links_.back().used) links_.pop_back();
}

void EgressController::set_one_way_delay(LinkId id, Duration delay) {
  if (LinkState* link = find(id)) link->one_way = delay;
}

void EgressController::set_blocked(LinkId id, bool blocked) {
  LinkState* link = find(id);
  if (link == nullptr || link->blocked == blocked) return;
  link->blocked = blocked;
  for (size_t c = 0; c < kSendClasses; ++c) drop_all(*link, c, counts_.cancelled);
}

void EgressController::set_link_rate(LinkId id, DataRate rate) {
  if (LinkState* link = find(id)) link->pacer.set_rate(rate);
}

void EgressController::set_spread(Duration spread) { spread_ = spread; }

EnqueueResult EgressController::enqueue(const SendOrder& order, Instant now) {
  LinkState* link = find(order.link);
  if (link == nullptr || link->blocked) return EnqueueResult::kUnavailable;
  roll_offers(now);
  link->offers[index_of(order.send_class)].current += order.size;
  offered_bytes_ += order.size;
  update_shedding(*link, now);
  if (is_shed(link->shedding, order.send_class)) {
    ++counts_.shed;
    return EnqueueResult::kShed;
  }
  const Duration wait = wait_ahead(*link, order.send_class);
  if (now + wait + link->one_way > order.deadline) {
    ++counts_.too_late;
    return EnqueueResult::kTooLate;
  }
  if (pool_.is_full() && !make_room(order.send_class)) {
    ++counts_.overflow;
    return EnqueueResult::kFull;
  }
  const size_t c = index_of(order.send_class);
  // A link that comes back from a pause has no claim to what it did not use.
  if (link->queues[c].empty()) link->served[c] = std::max(link->served[c], virtual_time_[c]);
  pool_.insert(link->queues[c], order);
  link->bytes += order.size;
  pending_[c] += order.size;
  if (spread_ > Duration())
    spread_rate_ =
        std::max(spread_rate_, DataRate::of(static_cast<int64_t>(pending_fresh()), spread_));
  return EnqueueResult::kQueued;
}

std::optional<SendOrder> EgressController::next(Instant now) {
  pacer_.set_rate(rate_);
  if (!pacer_.is_ready(now)) return std::nullopt;
  for (size_t c = 0; c < kSendClasses; ++c) {
    if (pending_[c] == 0 || !may_send(c, now)) continue;
    const auto order = take(c, now);
    if (!order) continue;
    pacer_.on_sent(order->size, now);
    if (spread_rate_ > DataRate() && order->send_class != SendClass::kRepair) {
      spreader_.set_rate(spread_rate_);
      spreader_.on_sent(order->size, now);
    }
    if (pending_fresh() == 0) spread_rate_ = DataRate();
    return order;
  }
  return std::nullopt;
}

bool EgressController::may_send(size_t c, Instant now) const {
  return spread_rate_ == DataRate() || c == index_of(SendClass::kRepair) || spreader_.is_ready(now);
}

size_t EgressController::pending_fresh() const {
  return pending_bytes() - pending_[index_of(SendClass::kRepair)];
}

Instant EgressController::next_timeout() const {
  const Instant next_clump = spread_rate_ == DataRate() ? Instant::from_us(INT64_MIN)
                                                        : spreader_.next_send() + kSpreadClump;
  Instant earliest = Instant::never();
  for (const LinkState& link : links()) {
    if (!link.used || link.bytes == 0) continue;
    const Instant ready = std::max(link.pacer.next_send(), pacer_.next_send());
    const bool repair = !link.queues[index_of(SendClass::kRepair)].empty();
    earliest = std::min(earliest, repair ? ready : std::max(ready, next_clump));
  }
  return earliest;
}

void EgressController::account(LinkId id, size_t bytes, Instant now) {
  pacer_.set_rate(rate_);
  pacer_.on_sent(static_cast<int64_t>(bytes), now);
  if (LinkState* link = find(id)) link->pacer.on_sent(static_cast<int64_t>(bytes), now);
}

size_t EgressController::pending_bytes() const {
  return std::accumulate(pending_.begin(), pending_.end(), size_t{0});
}

size_t EgressController::pending_bytes(LinkId id) const {
  const LinkState* link = find(id);
  return link == nullptr ? 0 : link->bytes;
}

Duration EgressController::repair_backlog(LinkId id) const {
  const LinkState* link = find(id);
  const int64_t bytes = link ? link->queues[index_of(SendClass::kRepair)].bytes : 0;
  return bytes == 0 ? Duration() : std::min(rate_, link->pacer.rate()).time_to_send(bytes);
}

Shedding EgressController::shedding(LinkId id, Instant now) {
  LinkState* link = find(id);
  if (link == nullptr) return Shedding::kNone;
  update_shedding(*link, now);
  return link->shedding;
}

EgressController::LinkState* EgressController::find(LinkId id) {
  for (LinkState& link : links())
    if (link.used && link.id == id) return &link;
  return nullptr;
}

const EgressController::LinkState* EgressController::find(LinkId id) const {
  for (const LinkState& link : links())
    if (link.used && link.id == id) return &link;
  return nullptr;
}

std::optional<SendOrder> EgressController::take(size_t c, Instant now) {
  while (LinkState* link = choose(c, now)) {
    const auto head = link->queues[c].head;
    const SendOrder order = pool_.at(head);
    if (now + link->one_way > order.deadline) {
      drop(*link, c, head, counts_.too_late);
      continue;
    }
    uint64_t not_counted = 0;
    drop(*link, c, head, not_counted);
    virtual_time_[c] = link->served[c];
    link->served[c] += order.size * uint64_t{16} / link->weight;
    link->pacer.on_sent(order.size, now);
    return order;
  }
  return std::nullopt;
}

// The link that was served least of those that have something of this class and may send.
EgressController::LinkState* EgressController::choose(size_t c, Instant now) {
  LinkState* out = nullptr;
  for (LinkState& link : links()) {
    if (!link.used || link.queues[c].empty() || !link.pacer.is_ready(now)) continue;
    if (out == nullptr || link.served[c] < out->served[c]) out = &link;
  }
  return out;
}

void EgressController::drop(LinkState& link, size_t c, OrderPool::Index index, uint64_t& counter) {
  const uint16_t size = pool_.at(index).size;
  pool_.remove(link.queues[c], index);
  link.bytes -= size;
  pending_[c] -= size;
  ++counter;
}

void EgressController::drop_all(LinkState& link, size_t c, uint64_t& counter) {
  while (!link.queues[c].empty()) drop(link, c, link.queues[c].head, counter);
}

// Gives up the oldest order of the least class that matters less than `wanted`.
bool EgressController::make_room(SendClass wanted) {
  for (size_t c = kSendClasses - 1; c > index_of(wanted); --c) {
    LinkState* longest = nullptr;
    for (LinkState& link : links()) {
      if (!link.used || link.queues[c].empty()) continue;
      if (longest == nullptr || link.queues[c].bytes > longest->queues[c].bytes) longest = &link;
    }
    if (longest == nullptr) continue;
    drop(*longest, c, longest->queues[c].head, counts_.overflow);
    return true;
  }
  return false;
}

// How long what goes first will take: on the whole node, and on this link.
Duration EgressController::wait_ahead(const LinkState& link, SendClass send_class) const {
  uint64_t node = 0, own = 0;
  for (size_t c = 0; c <= index_of(send_class); ++c) {
    node += pending_[c];
    own += link.queues[c].bytes;
  }
  return std::max(
      node == 0 ? Duration() : rate_.time_to_send(static_cast<int64_t>(node)),
      own == 0 ? Duration() : link.pacer.rate().time_to_send(static_cast<int64_t>(own)));
}

void EgressController::update_shedding(LinkState& link, Instant now) {
  roll_offers(now);
  const Duration wait = wait_ahead(link, SendClass::kT2);
  const auto level = static_cast<size_t>(link.shedding);
  if (level == kShedAbove.size() || wait <= kShedAbove[level])
    link.over_since = Instant::never();
  else if (link.over_since.is_never())
    link.over_since = now;
  if (wait >= kUnshedBelow || level == 0)
    link.under_since = Instant::never();
  else if (link.under_since.is_never())
    link.under_since = now;

  if (!link.over_since.is_never() && now - link.over_since >= kShedPatience) {
    link.shedding = static_cast<Shedding>(level + 1);
    link.over_since = Instant::never();
    for (size_t c = 0; c < kSendClasses; ++c)
      if (is_shed(link.shedding, static_cast<SendClass>(c))) drop_all(link, c, counts_.shed);
  } else if (!link.under_since.is_never()) {
    const Duration under = now - link.under_since;
    const bool ends = under >= kUnshedTrial ||
                      (under >= kUnshedPatience && fits(link, static_cast<Shedding>(level - 1)));
    if (!ends) return;
    link.shedding = static_cast<Shedding>(level - 1);
    link.under_since = Instant::never();
  }
}

void EgressController::roll_offers(Instant now) {
  if (now - offers_since_ < kOfferPeriod) return;
  const bool recent = now - offers_since_ < kOfferPeriod * 2;
  offers_since_ = now;
  for (LinkState& link : links())
    for (Offer& offer : link.offers) offer = {.last = recent ? offer.current : 0};
}

DataRate EgressController::offered(const LinkState& link, Shedding level) const {
  int64_t bytes = 0;
  for (size_t c = 0; c < kSendClasses; ++c)
    if (!is_shed(level, static_cast<SendClass>(c)))
      bytes += std::max(link.offers[c].current, link.offers[c].last);
  return DataRate::of(bytes, kOfferPeriod);
}

// Whether the link could be given what `level` leaves of its offer, besides what the others get.
bool EgressController::fits(const LinkState& link, Shedding level) const {
  const DataRate own = offered(link, level);
  int64_t all = own.bps();
  for (const LinkState& other : links())
    if (other.used && &other != &link) all += offered(other, other.shedding).bps();
  const auto room = [](DataRate rate) { return static_cast<double>(rate.bps()) * kUnshedFill; };
  return static_cast<double>(own.bps()) <= room(link.pacer.rate()) &&
         static_cast<double>(all) <= room(rate_);
}

}  // namespace swarmcast::link
