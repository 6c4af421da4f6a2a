// Parents, the relations: who is our parent, who our backup, and what their words change.
#include "engine/overlay/parents.h"

#include <algorithm>
#include <utility>

namespace swarmcast::overlay {

using wire::body::Purpose;
using wire::body::ReferReason;
using Up = Neighbour::Up;

void Parents::start(Instant now) {
  if (ctx_.options.root || !ctx_.options.entry) return;
  lost_since_ = now;
  search(now, now);
}

const Neighbour* Parents::parent_neighbour() const {
  return parent_ ? ctx_.neighbours.find(*parent_) : nullptr;
}

bool Parents::usable(const Neighbour& n) const {
  return n.state && n.state->attached && !ctx_.neighbours.is_child(n.peer);
}

bool Parents::has_backup() const {
  return std::ranges::any_of(ctx_.neighbours,
                             [&](const Neighbour& n) { return n.up == Up::kStandby && usable(n); });
}

// One that outlives our parent. Below the source there is none: a sibling is as good as it gets.
bool Parents::good_backup(const Neighbour& n) const {
  if (n.up != Up::kStandby || !usable(n)) return false;
  const Neighbour* parent = parent_neighbour();
  return !parent || ctx_.position.depth <= 1 || !n.state->path_contains(parent->peer);
}

bool Parents::covered() const {
  return std::ranges::any_of(ctx_.neighbours, [&](const auto& n) { return good_backup(n); });
}

void Parents::on_accept(Instant now, Neighbour& from, const wire::body::Accept& accept) {
  const bool standby = accept.purpose == Purpose::kStandby;
  if (from.up == Up::kParent && !standby) {  // our standing with it has changed
    guest_ = accept.guest;
    if (guest_) move_at_ = now + kReportInterval;
    return;
  }
  if (from.up == Up::kNone)
    ctx_.say(from.link, wire::body::Unsubscribe{ctx_.stripe});  // we gave it up
  if (from.up != (standby ? Up::kAskedStandby : Up::kAsked)) return;
  std::erase_if(attempts_, [&](const Attempt& a) { return a.link == from.link; });
  if (standby) return adopt_backup(now, from);
  const bool wanted = search_ == Search::kParent || (search_ == Search::kMove && !accept.guest);
  if (wanted) return adopt(now, from, accept.guest);
  if (has_backup())
    release(now, from);
  else
    ask(now, from, Purpose::kStandby);
  step(now);
}

void Parents::adopt(Instant now, Neighbour& parent, bool guest) {
  const bool moved = search_ == Search::kMove;
  const std::optional<LinkId> old = parent_;
  stop_search();
  // It has yet to say that it has a way to the source itself.
  starved_since_ = parent.state && parent.state->attached ? Instant::never() : now;
  ever_attached_ = true;
  parent_ = parent.link;
  parent.up = Up::kParent;
  guest_ = guest;
  shed_ = ctx_.shed = withheld_ = false;
  ctx_.relation_changed(parent);
  ctx_.act(ParentChanged{ctx_.stripe, parent_});
  if (Neighbour* former = old ? ctx_.neighbours.find(*old) : nullptr) {
    former->up = Up::kNone;
    if (moved)
      ask(now, *former, Purpose::kStandby);
    else
      ctx_.say(former->link, wire::body::Unsubscribe{ctx_.stripe});
    former->idle_since = now;
    ctx_.relation_changed(*former);
  }
  move_at_ = guest ? now + kMoveDelay : Instant::never();
  backup_delay_ = kBackupDelay;
  backup_turn_ = 0;
  plan_backup(now);
  refresh_position(now);
}

// The newest backup replaces those before: a tie to each would cost its traffic and its place.
void Parents::adopt_backup(Instant now, Neighbour& backup) {
  backup_delay_ = kBackupDelay;
  for (Neighbour& n : ctx_.neighbours)
    if (n.up == Up::kStandby) release(now, n);
  backup.up = Up::kStandby;
  ctx_.relation_changed(backup);
}

void Parents::release(Instant now, Neighbour& n) {
  std::erase_if(attempts_, [&](const Attempt& a) { return a.link == n.link; });
  if (n.up == Up::kNone) return;
  ctx_.say(n.link, wire::body::Unsubscribe{ctx_.stripe});
  n.up = Up::kNone;
  n.state.reset();
  n.idle_since = now;
  ctx_.relation_changed(n);
}

// A refusal, or the end of what it was to us.
void Parents::on_refer(Instant now, Neighbour& from, const wire::body::Refer& refer) {
  const Up was = std::exchange(from.up, Up::kNone);
  if (was == Up::kNone) return;
  from.state.reset();
  from.idle_since = now;
  ctx_.relation_changed(from);
  if (was == Up::kAsked || was == Up::kParent) {
    last_refusal_ = refer.reason;
    if (!ever_attached_ && refused_since_.is_never()) refused_since_ = now;
    if (search_ != Search::kNone && !ctx_.options.parent_only)
      for (const Contact& c : refer.contacts) candidates_.add_referred(c);
  }
  if (was == Up::kParent) return lose_parent(now);
  if (was == Up::kStandby) return plan_backup(now);
  attempt_failed(now, from.link);
}

void Parents::on_state(Instant now, Neighbour& from, const wire::body::State& state) {
  if (from.up == Up::kNone) return;
  // Whoever hangs below us, or can have nobody below, is of no use; no such state is ever kept.
  const bool hopeless = state.path_contains(ctx_.options.self) || state.depth >= kMaxDepth;
  if (hopeless) {
    attempt_failed(now, from.link);
    release(now, from);
    if (parent_ == from.link) return lose_parent(now);
  } else {
    from.state = state;
  }
  if (parent_ == from.link) {
    if (!state.attached && starved_since_.is_never()) starved_since_ = now;
    if (state.attached) on_speaks(from.link);
    refresh_position(now);
  }
  if (backup_at_.is_never() && !asking_for_standby() && !covered()) plan_backup(now);
}

void Parents::refresh_position(Instant now) {
  Position& p = ctx_.position;
  const Neighbour* parent = parent_neighbour();
  p.attached = parent && parent->state && parent->state->attached;
  if (p.attached)
    lost_since_ = Instant::never();
  else if (lost_since_.is_never())
    lost_since_ = now;
  if (!parent || !parent->state) return;
  const wire::body::State& above = *parent->state;
  SWARMCAST_CHECK(above.depth < kMaxDepth);
  p.swarm_witnesses = above.witnesses;
  p.depth = static_cast<uint8_t>(above.depth + 1);
  p.path = above.path;
  p.path[above.depth] = parent->peer;
}

void Parents::on_contacts(Instant now, const Neighbour& from,
                          const wire::body::Contacts& contacts) {
  if (parent_ != from.link || ctx_.options.parent_only) return;
  ctx_.contacts_above.assign(contacts.contacts.begin(), contacts.contacts.end());
  backup_delay_ = kBackupDelay;
  backup_turn_ = 0;
  if (!backup_at_.is_never()) backup_at_ = std::min(backup_at_, now + kBackupDelay);
  if (guest_) move_at_ = std::min(move_at_, now + kMoveDelay);
}

void Parents::on_link_moved(LinkId from, LinkId to) {
  if (parent_ == from) parent_ = to;
  for (Attempt& attempt : attempts_) {
    if (attempt.link == from) attempt.link = to;
    if (attempt.knock == from) attempt.knock = to;
  }
}

void Parents::on_gone(Instant now, const Neighbour& gone) {
  if (gone.up != Up::kNone) {
    candidates_.demote({gone.peer, gone.remote, {}});
    std::erase_if(ctx_.contacts_above, [&](const Contact& c) { return c.peer == gone.peer; });
  }
  if (parent_ == gone.link) return lose_parent(now);
  if (gone.up == Up::kStandby) plan_backup(now);
  attempt_failed(now, gone.link);
}

void Parents::lose_parent(Instant now) {
  parent_.reset();
  guest_ = shed_ = ctx_.shed = withheld_ = false;
  starved_since_ = backup_at_ = move_at_ = Instant::never();
  refresh_position(now);
  ctx_.act(ParentChanged{ctx_.stripe, std::nullopt});
  search(now, now);
}

void Parents::on_shed(Instant now, bool here) {
  if (here && !shed_) move_at_ = std::min(move_at_, now + kMoveDelay);
  shed_ = here;
}

// Asks the backup, and then others, while the silent parent keeps its place: whoever speaks first
// has it.
void Parents::on_silent(Instant now, LinkId parent) {
  if (parent_ != parent || search_ == Search::kParent || failed_) return;
  if (lost_since_.is_never()) lost_since_ = now;
  if (!ctx_.options.parent_only) search(now, now + kAttemptStagger);
}

// As if it were silent, but its words do not count any more.
void Parents::on_withheld(Instant now, LinkId parent) {
  const Neighbour* n = parent_neighbour();
  if (!n || parent_ != parent || failed_ || ctx_.options.parent_only) return;
  withheld_ = true;
  ctx_.shared.shunned.add(now, {n->peer, n->remote, {}}, Shunned::Why::kWithheld);
  if (search_ != Search::kParent) search(now, now);
}

void Parents::on_speaks(LinkId parent) {
  if (parent_ != parent || withheld_) return;
  const Neighbour* n = parent_neighbour();
  if (!n->state || !n->state->attached) return;  // alive, but it has no way to the source
  starved_since_ = lost_since_ = Instant::never();
  if (search_ == Search::kParent) stop_search();
}

void Parents::on_timeout(Instant now) {
  if (ctx_.options.root || failed_) return;
  drop_late_attempts(now);
  knock_waiting(now);
  if (step_at_ <= now) step(now);
  if (round_at_ <= now) begin_next_round(now);
  if (failed_) return;
  if (!ever_attached_ && !refused_since_.is_never() && refused_since_ + kSwarmFullTimeout <= now) {
    return fail(last_refusal_ == ReferReason::kOrphan ? Failure::kSourceLost : Failure::kSwarmFull);
  }
  if (!lost_since_.is_never() && lost_since_ + kLostTimeout <= now)
    return fail(ever_attached_ ? Failure::kSourceLost : Failure::kEntryUnreachable);
  const bool starving = parent_ && !starved_since_.is_never() && search_ != Search::kParent;
  if (starving && starved_since_ + kStarvedTimeout <= now && !ctx_.options.parent_only)
    search(now, starved_since_ + kOrphanTimeout);
  if (backup_at_ <= now) seek_backup(now);
  if (move_at_ <= now) search_for_own_place(now);
}

void Parents::fail(Failure why) { failed_ = why; }

void Parents::resume(Instant now) {
  failed_.reset();
  refused_since_ = Instant::never();
  lost_since_ = now;
  search(now, now);
}

Instant Parents::next_timeout() const {
  if (ctx_.options.root || failed_) return Instant::never();
  Instant next = std::min({step_at_, round_at_, backup_at_, move_at_});
  for (const Attempt& a : attempts_) next = std::min({next, a.deadline(), a.knock_at});
  if (!ever_attached_ && !refused_since_.is_never())
    next = std::min(next, refused_since_ + kSwarmFullTimeout);
  if (!lost_since_.is_never()) next = std::min(next, lost_since_ + kLostTimeout);
  const bool starving = parent_ && !starved_since_.is_never() && search_ != Search::kParent;
  if (starving && !ctx_.options.parent_only)
    next = std::min(next, starved_since_ + kStarvedTimeout);
  return next;
}

}  // namespace swarmcast::overlay
