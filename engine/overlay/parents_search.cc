// Parents, the search: candidates one after the other, staggered, in rounds.
#include <algorithm>

#include "engine/overlay/parents.h"

namespace swarmcast::overlay {

using wire::body::Purpose;
using Up = Neighbour::Up;

// The warm backup first, then whom our parent named, the entry before the last of them, and all we
// ever heard of. Before `patience` nobody but the backup is bothered.
void Parents::search(Instant now, Instant patience) {
  search_ = Search::kParent;
  patience_ = patience;
  rounds_ = 0;
  round_at_ = Instant::never();
  candidates_.start_round();
  const auto& named = ctx_.contacts_above;
  for (size_t i = 0; i < std::min(named.size(), kNamedBeforeEntry); ++i) candidates_.add(named[i]);
  candidates_.add(*ctx_.options.entry);
  for (const Contact& c : named) candidates_.add(c);
  if (!ctx_.options.parent_only) candidates_.add_known();
  if (ask_backup(now))
    step_at_ = std::max(now + kAttemptStagger, patience_);
  else
    step(now);
}

void Parents::search_for_own_place(Instant now) {
  const bool may_gain = guest_ || shed_;
  move_at_ = may_gain ? now + kMaxBackupDelay : Instant::never();
  if (!may_gain || search_ != Search::kNone || ctx_.options.parent_only) return;
  search_ = Search::kMove;
  patience_ = now;
  candidates_.start_round();
  for (const Contact& c : ctx_.contacts_above) candidates_.add(c);
  step(now);
}

// Questions under way stay so: a late yes makes a backup, or is declined.
void Parents::stop_search() {
  search_ = Search::kNone;
  candidates_.start_round();
  step_at_ = round_at_ = refused_since_ = Instant::never();
}

bool Parents::ask_backup(Instant now) {
  Neighbour* best = nullptr;
  for (Neighbour& n : ctx_.neighbours) {
    if (n.up != Up::kStandby || !usable(n)) continue;
    if (!best || n.state->depth < best->state->depth) best = &n;
  }
  if (best) ask(now, *best, Purpose::kFailover);
  return best != nullptr;
}

void Parents::step(Instant now) {
  step_at_ = Instant::never();
  if (search_ == Search::kNone || failed_) return;
  if (now < patience_) {
    step_at_ = patience_;
    return;
  }
  while (!candidates_.empty() && asking() < kMaxAttempts) {
    const Contact next = candidates_.take();
    if (!worth_asking(now, next, false)) continue;
    approach(now, next, false);
    step_at_ = now + kAttemptStagger;
    return;
  }
  if (asking() > 0) return;  // their answers, or their end, lead on
  if (search_ == Search::kMove) return stop_search();
  const bool nobody_answered = !ever_attached_ && refused_since_.is_never();
  if (nobody_answered && rounds_ + 1 >= kEntryTries) return fail(Failure::kEntryUnreachable);
  if (!round_at_.is_never()) return;
  const Duration longest = ever_attached_ ? kMaxRetryDelay : kMaxJoinRetryDelay;
  round_at_ = now + std::min(kRetryDelay * (int64_t{1} << std::min(rounds_, 8)), longest);
}

void Parents::begin_next_round(Instant now) {
  round_at_ = Instant::never();
  ++rounds_;
  candidates_.start_round();
  candidates_.add(*ctx_.options.entry);
  if (!ctx_.options.parent_only) candidates_.add_known();
  step(now);
}

bool Parents::worth_asking(Instant now, const Contact& contact, bool standby) {
  if (contact.peer == ctx_.options.self || !(contact.dialable() || contact.record)) return false;
  const bool desperate = !standby && search_ == Search::kParent && rounds_ > 0;
  if (ctx_.shared.shunned.contains(now, contact, desperate)) return false;
  if (const Neighbour* known = ctx_.neighbours.find(contact)) {
    const bool ours = parent_ == known->link || (standby && known->up == Up::kStandby);
    if (ours || ctx_.neighbours.is_child(known->peer)) return false;
  }
  return std::ranges::none_of(attempts_, [&](const Attempt& a) {
    // A place is more than a backup: it can be asked for while the other question is under way.
    return same_peer(a.contact, contact) && (standby || !a.standby);
  });
}

void Parents::approach(Instant now, const Contact& contact, bool standby) {
  const Purpose serve = ever_attached_ ? Purpose::kFailover : Purpose::kJoin;
  if (Neighbour* known = ctx_.neighbours.find(contact))
    return ask(now, *known, standby ? Purpose::kStandby : serve);
  const auto dialled = std::ranges::find_if(
      attempts_, [&](const Attempt& a) { return same_peer(a.contact, contact); });
  if (dialled != attempts_.end()) {
    dialled->standby = standby;
    return;
  }
  Attempt attempt{.contact = contact, .standby = standby, .since = now};
  if (!contact.dialable()) {
    knock(now, attempt);
  } else {
    attempt.link = ctx_.dial(contact);
    attempt.knock_at = now + kDialHeadStart;
  }
  attempts_.push_back(attempt);
}

bool Parents::is_entry(const Contact& contact) const {
  return ctx_.options.entry && same_peer(*ctx_.options.entry, contact);
}

// Nothing has come of the dial yet: the candidate is called beside it, if it can be.
void Parents::knock(Instant now, Attempt& attempt) {
  attempt.knock_at = Instant::never();
  attempt.wants_path = false;
  if (is_entry(attempt.contact) && !attempt.contact.record)
    attempt.contact.record = ctx_.options.entry->record;
  if (attempt.contact.record) {
    attempt.since = now;
    attempt.knock = ctx_.knock(attempt.contact);
  } else if (is_entry(attempt.contact) && ctx_.options.can_reach_gateways) {
    attempt.wants_path = true;
    ctx_.want_entry_path();
  }
}

void Parents::knock_waiting(Instant now) {
  for (Attempt& a : attempts_)
    if (a.knock_at <= now) knock(now, a);
}

void Parents::on_entry_record(Instant now, const PeerRecord& record) {
  if (!ctx_.options.entry) return;
  ctx_.options.entry->record = record;
  for (Attempt& a : attempts_)
    if (a.wants_path) knock(now, a);
}

// One of the two ways to a candidate has failed; the attempt goes on as long as the other may lead
// there.
void Parents::on_dial_failed(Instant now, LinkId link) {
  const auto it = attempt_on(link);
  if (it == attempts_.end()) return;
  if (it->knock == link) {
    it->knock.reset();
  } else {
    it->link.reset();
    if (!it->knock_at.is_never()) knock(now, *it);
  }
  if (!it->link && !it->knock && !it->wants_path) abandon(now, it);
}

bool Parents::needs_steps() const {
  const bool knocking = std::ranges::any_of(
      attempts_, [](const Attempt& a) { return a.knock || !a.knock_at.is_never(); });
  return knocking || search_ == Search::kParent;
}

std::vector<Parents::Attempt>::iterator Parents::attempt_on(LinkId link) {
  return std::ranges::find_if(attempts_, [&](const Attempt& a) { return a.is_on(link); });
}

// Our subtree must fit below whom we ask; if nobody is left where it does, those at its lower end
// will have to look for themselves.
void Parents::ask(Instant now, Neighbour& n, Purpose purpose) {
  const bool standby = purpose == Purpose::kStandby;
  const bool in_vain =
      standby ? backup_delay_ > kBackupDelay : search_ == Search::kParent && rounds_ > 0;
  std::erase_if(attempts_, [&](const Attempt& a) { return a.is_on(n.link); });
  attempts_.push_back({n.link, Contact{n.peer, n.remote, {}}, standby, now});
  n.up = standby ? Up::kAskedStandby : Up::kAsked;
  ctx_.say(n.link,
           wire::body::Subscribe{.stripe = ctx_.stripe,
                                 .purpose = purpose,
                                 .dialable = ctx_.options.dialable,
                                 .in_vain = in_vain,
                                 .height = in_vain ? uint8_t{0} : ctx_.neighbours.levels_below(),
                                 .next_frame = ctx_.shared.next_frame,
                                 .fingerprint = ctx_.options.fingerprint,
                                 .places = ctx_.places_told()});
}

void Parents::on_ready(Instant now, Neighbour& n) {
  const auto it = attempt_on(n.link);
  if (it == attempts_.end()) return;
  // Of the two ways the first one that proves itself stays.
  const auto other = it->link == n.link ? it->knock : it->link;
  if (other) ctx_.give_up_dial(*other);
  if (n.signalled && is_entry(it->contact)) ctx_.options.entry->peer = n.peer;
  if (it->standby) return ask(now, n, Purpose::kStandby);
  if (search_ != Search::kNone)
    return ask(now, n, ever_attached_ ? Purpose::kFailover : Purpose::kJoin);
  attempts_.erase(it);
}

void Parents::attempt_failed(Instant now, LinkId link) {
  const auto it = attempt_on(link);
  if (it != attempts_.end()) abandon(now, it);
}

void Parents::abandon(Instant now, std::vector<Attempt>::iterator attempt) {
  const bool standby = attempt->standby;
  attempts_.erase(attempt);
  if (standby)
    plan_backup(now);
  else
    step(now);
}

void Parents::drop_late_attempts(Instant now) {
  for (;;) {
    const auto late =
        std::ranges::find_if(attempts_, [&](const Attempt& a) { return a.deadline() <= now; });
    if (late == attempts_.end()) return;
    if (late->knock) ctx_.give_up_dial(*late->knock);
    const std::optional<LinkId> link = late->link;
    abandon(now, late);
    Neighbour* n = link ? ctx_.neighbours.find(*link) : nullptr;
    if (n) release(now, *n);
  }
}

size_t Parents::asking() const {
  return static_cast<size_t>(std::ranges::count(attempts_, false, &Attempt::standby));
}

bool Parents::asking_for_standby() const {
  return std::ranges::count(attempts_, true, &Attempt::standby) > 0;
}

// The next contact soon; after all of them have been asked, a pause that grows.
void Parents::plan_backup(Instant now) {
  if (!parent_ || ctx_.options.parent_only) return;
  if (backup_turn_ < ctx_.contacts_above.size()) {
    backup_at_ = now + kBackupDelay;
    return;
  }
  backup_turn_ = 0;
  backup_at_ = now + backup_delay_;
  backup_delay_ = std::min(backup_delay_ * 2, kMaxBackupDelay);
}

void Parents::seek_backup(Instant now) {
  backup_at_ = Instant::never();
  if (search_ == Search::kParent || asking_for_standby() || covered()) return;
  while (backup_turn_ < ctx_.contacts_above.size()) {
    const Contact contact = ctx_.contacts_above[backup_turn_++];
    if (worth_asking(now, contact, true)) return approach(now, contact, true);
  }
  plan_backup(now);
}

}  // namespace swarmcast::overlay
