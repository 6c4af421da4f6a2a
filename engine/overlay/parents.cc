#include "engine/overlay/parents.h"

#include <algorithm>

namespace swarmcast::overlay {

using wire::body::Purpose;
using wire::body::ReferReason;
using Up = Neighbour::Up;
using Down = Neighbour::Down;

namespace {
// Links we dial carry the high bit, links that others dial do not: host and engine never collide.
constexpr uint32_t kDialledBit = 0x8000'0000;
}  // namespace

void Parents::start(Instant now) {
  if (ctx_.options.root || !ctx_.options.entry) return;
  lost_since_ = now;
  seek(now);
}

bool Parents::entry_is(const Contact& contact) const {
  return ctx_.options.entry && ctx_.options.entry->endpoint == contact.endpoint;
}

bool Parents::usable_as_parent(const Neighbour& n) const {
  return n.state && n.state->attached && n.state->depth < kMaxDepth &&
         !n.state->path_contains(ctx_.options.self) && n.down != Down::kChild;
}

bool Parents::has_backup() const {
  return std::ranges::any_of(ctx_.neighbours, [&](const Neighbour& n) {
    return n.up == Up::kStandby && usable_as_parent(n);
  });
}

// Without a parent: the warm backup first, then whoever we were told of, then the entry.
void Parents::seek(Instant now) {
  seeking_ = true;
  if (!try_backup(now)) try_next_candidate(now);
}

bool Parents::try_backup(Instant now) {
  for (Neighbour& n : ctx_.neighbours) {
    if (n.up != Up::kStandby || !usable_as_parent(n)) continue;
    ask(now, n, Purpose::kFailover);
    attempts_.push_back({n.link, n.peer, false, now});
    return true;
  }
  return false;
}

void Parents::try_next_candidate(Instant now) {
  while (!candidates_.empty()) {
    const Contact next = candidates_.front();
    candidates_.pop_front();
    const Neighbour* known = ctx_.neighbours.find(next.peer);
    const bool useless = next.peer == ctx_.options.self ||
                         (known && (known->down == Down::kChild || known->up == Up::kParent));
    if (useless) continue;
    approach(now, next, false);
    return;
  }
  if (moving_) {  // nobody better; stay a guest and ask again later
    moving_ = false;
    return;
  }
  const bool entry_under_way = std::ranges::any_of(attempts_, [&](const Attempt& a) {
    const Neighbour* n = ctx_.neighbours.find(a.link);
    return !a.standby && (!n || entry_is(Contact{n->peer, n->remote, {}}));
  });
  if (entry_under_way) return;
  if (retry_at_.is_never()) {
    if (entry_tries_ == 0) {
      ++entry_tries_;
      approach(now, *ctx_.options.entry, false);
    } else {
      schedule_retry(now);
    }
  }
}

void Parents::schedule_retry(Instant now) {
  if (retry_at_.is_never()) retry_at_ = now + kRetryDelay;
}

void Parents::approach(Instant now, const Contact& contact, bool standby) {
  Neighbour* known = nullptr;
  for (Neighbour& n : ctx_.neighbours)
    if (n.peer == contact.peer || n.remote == contact.endpoint) known = &n;
  if (known && parent_ == known->link) {
    schedule_retry(now);
    return;
  }
  if (known) {
    ask(now, *known,
        standby ? Purpose::kStandby : (ever_attached_ ? Purpose::kFailover : Purpose::kJoin));
    attempts_.push_back({known->link, known->peer, standby, now});
    return;
  }
  const LinkId link(kDialledBit | ++dialled_);
  attempts_.push_back({link, contact.peer, standby, now});
  ctx_.act(Dial{link, contact});
}

void Parents::ask(Instant now, Neighbour& n, Purpose purpose) {
  n.up = purpose == Purpose::kStandby ? Up::kAskedStandby : Up::kAsked;
  n.asked_at = now;
  ctx_.say(n.link, wire::body::Subscribe{.purpose = purpose,
                                         .dialable = ctx_.options.dialable,
                                         .takes_children = ctx_.options.max_children > 0,
                                         .next_frame = ctx_.next_frame,
                                         .fingerprint = ctx_.options.fingerprint});
}

void Parents::on_ready(Instant now, Neighbour& n) {
  const auto it = std::ranges::find(attempts_, n.link, &Attempt::link);
  if (it == attempts_.end()) return;
  it->since = now;
  if (it->standby)
    ask(now, n, Purpose::kStandby);
  else if (seeking_)
    ask(now, n, ever_attached_ ? Purpose::kFailover : Purpose::kJoin);
}

void Parents::on_dial_failed(Instant now, LinkId link) {
  const auto it = std::ranges::find(attempts_, link, &Attempt::link);
  if (it == attempts_.end()) return;
  const bool standby = it->standby;
  attempts_.erase(it);
  if (standby)
    backup_at_ = now + kRetryDelay;
  else if (seeking_)
    try_next_candidate(now);
}

void Parents::on_accept(Instant now, Neighbour& from, const wire::body::Accept& accept) {
  std::erase_if(attempts_, [&](const Attempt& a) { return a.link == from.link; });
  if (accept.purpose == Purpose::kStandby) {
    if (from.up != Up::kAskedStandby) return;
    from.up = Up::kStandby;
    ctx_.relation_changed(from);
    return;
  }
  if (from.up != Up::kAsked) return;
  if (!seeking_) {  // a second candidate answered after the first: it makes a good backup
    ask(now, from, Purpose::kStandby);
    return;
  }
  from.guest = accept.guest;
  adopt(now, from);
}

void Parents::adopt(Instant now, Neighbour& parent) {
  seeking_ = moving_ = false;
  retry_at_ = lost_since_ = full_since_ = starved_since_ = Instant::never();
  ever_attached_ = true;
  entry_tries_ = 0;
  const std::optional<LinkId> old = parent_;
  parent_ = parent.link;
  parent.up = Up::kParent;
  ctx_.relation_changed(parent);
  ctx_.act(ParentChanged{parent_});
  if (old && *old != parent.link) {
    if (Neighbour* former = ctx_.neighbours.find(*old)) ask(now, *former, Purpose::kStandby);
  }
  backup_at_ = parent.guest ? now + kStandbyRetry : now + kReportMinGap;
  refresh_position();
}

void Parents::on_refer(Instant now, Neighbour& from, const wire::body::Refer& refer) {
  const bool was_standby_question = from.up == Up::kAskedStandby;
  if (from.up != Up::kAsked && !was_standby_question) return;
  std::erase_if(attempts_, [&](const Attempt& a) { return a.link == from.link; });
  from.up = Up::kNone;
  from.idle_since = now;
  ctx_.relation_changed(from);
  if (was_standby_question) {
    backup_at_ = now + kRetryDelay;
    return;
  }
  if (!ctx_.options.parent_only)
    for (const Contact& c : refer.contacts) add_candidate(c);
  if (refer.reason == ReferReason::kFull || refer.reason == ReferReason::kTooDeep) {
    if (full_since_.is_never()) full_since_ = now;
  }
  if (seeking_) try_next_candidate(now);
}

void Parents::add_candidate(const Contact& contact) {
  const bool known = std::ranges::any_of(
      candidates_, [&](const Contact& c) { return c.endpoint == contact.endpoint; });
  if (!known && candidates_.size() < kMaxCandidates) candidates_.push_back(contact);
}

void Parents::on_state(Instant now, Neighbour& from, const wire::body::State& state) {
  if (from.up == Up::kNone) return;
  from.state = state;
  if (from.up == Up::kStandby && state.path_contains(ctx_.options.self)) {
    from.up = Up::kNone;  // it hangs below us: no backup
    from.idle_since = now;
    ctx_.say(from.link, wire::body::Unsubscribe{});
    ctx_.relation_changed(from);
    backup_at_ = now + kRetryDelay;
    return;
  }
  if (parent_ != from.link) return;
  if (state.path_contains(ctx_.options.self) || state.depth >= kMaxDepth) {
    ctx_.say(from.link, wire::body::Unsubscribe{});
    from.up = Up::kNone;
    from.idle_since = now;
    ctx_.relation_changed(from);
    lose_parent(now);
    return;
  }
  if (state.attached)
    starved_since_ = Instant::never();
  else if (starved_since_.is_never())
    starved_since_ = now;
  refresh_position();
}

void Parents::refresh_position() {
  Position& p = ctx_.position;
  const Neighbour* parent = parent_ ? ctx_.neighbours.find(*parent_) : nullptr;
  if (!parent || !parent->state) {
    p.attached = false;
    return;
  }
  const wire::body::State& above = *parent->state;
  p.attached = above.attached;
  p.swarm_witnesses = above.witnesses;
  p.depth = static_cast<uint8_t>(above.depth + 1);
  p.path = above.path;
  p.path[above.depth] = parent->peer;
}

void Parents::on_contacts(Neighbour& from, const wire::body::Contacts& contacts) {
  if (parent_ != from.link || ctx_.options.parent_only) return;
  backup_contacts_.assign(contacts.contacts.begin(), contacts.contacts.end());
}

void Parents::on_gone(Instant now, Neighbour& gone) {
  const bool was_attempt =
      std::erase_if(attempts_, [&](const Attempt& a) { return a.link == gone.link && !a.standby; });
  const Up up = gone.up;
  gone.up = Up::kNone;
  if (parent_ == gone.link) {
    lose_parent(now);
  } else if (up == Up::kStandby || up == Up::kAskedStandby) {
    std::erase_if(attempts_, [&](const Attempt& a) { return a.link == gone.link; });
    backup_at_ = now + kReportMinGap;
  } else if (was_attempt && seeking_) {
    try_next_candidate(now);
  }
}

void Parents::lose_parent(Instant now) {
  parent_.reset();
  moving_ = false;
  lost_since_ = now;
  ctx_.position.attached = false;
  ctx_.act(ParentChanged{std::nullopt});
  for (const Contact& c : backup_contacts_) add_candidate(c);
  seek(now);
}

// Asks the backup while the silent parent keeps its place: whoever speaks first has it.
void Parents::on_silent(Instant now, LinkId parent) {
  if (parent_ != parent || seeking_) return;
  if (try_backup(now)) {
    seeking_ = true;
    if (lost_since_.is_never()) lost_since_ = now;
  }
}

void Parents::on_speaks(LinkId parent) {
  if (parent_ != parent || !seeking_ || moving_) return;
  seeking_ = false;
  lost_since_ = Instant::never();
}

void Parents::seek_backup(Instant now) {
  backup_at_ = now + kStandbyRetry;
  const Neighbour* parent = parent_ ? ctx_.neighbours.find(*parent_) : nullptr;
  if (!parent || ctx_.options.parent_only) return;
  if (parent->guest && !seeking_) {
    seeking_ = moving_ = true;
    for (const Contact& c : backup_contacts_) add_candidate(c);
    try_next_candidate(now);
    seeking_ = moving_;
    return;
  }
  const bool busy = std::ranges::any_of(attempts_, &Attempt::standby);
  if (busy || has_backup() || backup_contacts_.empty()) return;
  std::ranges::rotate(backup_contacts_, backup_contacts_.begin() + 1);
  const Contact& contact = backup_contacts_.back();
  const Neighbour* known = ctx_.neighbours.find(contact.peer);
  if (contact.peer == ctx_.options.self || contact.peer == parent->peer) return;
  if (known && known->down == Down::kChild) return;
  approach(now, contact, true);
}

void Parents::on_timeout(Instant now) {
  if (ctx_.options.root || failed_) return;
  for (size_t i = 0; i < attempts_.size();) {
    if (attempts_[i].since + kAttemptTimeout > now) {
      ++i;
      continue;
    }
    const Attempt late = attempts_[i];
    attempts_.erase(attempts_.begin() + static_cast<long>(i));
    if (Neighbour* n = ctx_.neighbours.find(late.link); n && n->up != Up::kParent)
      n->up = Up::kNone;
    if (late.standby)
      backup_at_ = now;
    else if (seeking_)
      try_next_candidate(now);
  }
  if (retry_at_ <= now) {
    retry_at_ = Instant::never();
    if (seeking_ && !moving_) {
      const bool give_up =
          !ever_attached_ && full_since_.is_never() && ++entry_tries_ > kEntryTries;
      if (give_up) return fail(Failure::kEntryUnreachable);
      approach(now, *ctx_.options.entry, false);
    }
  }
  if (!full_since_.is_never() && !ever_attached_ && full_since_ + kSwarmFullTimeout <= now)
    return fail(Failure::kSwarmFull);
  if (!lost_since_.is_never() && lost_since_ + kLostTimeout <= now)
    return fail(ever_attached_ ? Failure::kSourceLost : Failure::kEntryUnreachable);
  if (!starved_since_.is_never() && starved_since_ + kStarvedTimeout <= now && parent_) {
    starved_since_ = now;
    on_silent(now, *parent_);
  }
  if (backup_at_ <= now) seek_backup(now);
}

void Parents::fail(Failure why) {
  failed_ = true;
  ctx_.act(Failed{why});
}

Instant Parents::next_timeout() const {
  if (ctx_.options.root || failed_) return Instant::never();
  Instant next = std::min(retry_at_, backup_at_);
  for (const Attempt& a : attempts_) next = std::min(next, a.since + kAttemptTimeout);
  if (!full_since_.is_never() && !ever_attached_)
    next = std::min(next, full_since_ + kSwarmFullTimeout);
  if (!lost_since_.is_never()) next = std::min(next, lost_since_ + kLostTimeout);
  if (!starved_since_.is_never()) next = std::min(next, starved_since_ + kStarvedTimeout);
  return next;
}

}  // namespace swarmcast::overlay
