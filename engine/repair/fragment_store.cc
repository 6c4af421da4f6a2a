#include "engine/repair/fragment_store.h"

#include <bit>
#include <cstring>

#include "engine/base/check.h"

namespace swarmcast::repair {

static_assert(kMaxTracks <= 8, "a window of numbers is kept for every track");

FragmentStore::FragmentStore(Slab& slab, const StoreLimits& limits)
    : slab_(slab),
      limits_(limits),
      window_(static_cast<uint32_t>(std::bit_ceil(limits.max_frames))),
      links_(slab.capacity()),
      cells_(kMaxTracks * window_) {
  SWARMCAST_CHECK(limits.max_frames > 0 && limits.max_frames <= 32'768);
  wipe();
}

Insertion FragmentStore::insert(const VerifiedFragment& fragment) {
  const FragmentView& view = fragment.view();
  const FrameHeader& header = view.header;
  const Entry* known = lookup(header.id);
  if (is_stale(header) || (known && known->state.header != header)) {
    ++counts_.stale;
    return Insertion::kStale;
  }
  if (known && known->state.have[view.index]) {
    ++counts_.duplicate;
    return Insertion::kDuplicate;
  }
  uint16_t index = known ? static_cast<uint16_t>(known - entries_.data()) : kNoEntry;
  while (slab_.available() == 0 && evict_older(header)) {
  }
  if (slab_.available() == 0 || (!known && !take_entry(header, index))) {
    ++counts_.no_room;
    return Insertion::kNoRoom;
  }
  SlotId slot;
  SWARMCAST_CHECK(slab_.allocate(slot));

  Entry& entry = entries_[index];
  SWARMCAST_CHECK(view.message.size() == fragment_message_size(header));
  slab_.fill(slot, view.message);
  links_[slot.value()] = {.next = entry.first_slot, .index = view.index};
  entry.first_slot = slot.value();
  FrameState& state = entry.state;
  state.have.set(view.index);
  state.complete = ++state.received >= header.k;
  ++fragments_held_;
  ++counts_.inserted;
  const StreamTime horizon = header.capture - limits_.ring_span;
  if (horizon > floor_) expire(horizon);
  return Insertion::kNew;
}

MutableByteSpan FragmentStore::find(FragmentId id) const {
  const Entry* entry = lookup(id.frame);
  if (!entry || !entry->state.have[id.index]) return {};
  uint32_t slot = entry->first_slot;
  while (links_[slot].index != id.index) slot = links_[slot].next;
  return message(slot, entry->state.header);
}

const FrameState* FragmentStore::frame(FrameId id) const {
  const Entry* entry = lookup(id);
  return entry ? &entry->state : nullptr;
}

bool FragmentStore::complete(FrameId id) const {
  const FrameState* state = frame(id);
  return state && state->complete;
}

const FrameState* FragmentStore::frame_from(TrackId track, FrameNumber from) const {
  const std::optional<FrameNumber> last = newest(track);
  if (!last || from > *last) return nullptr;
  const uint64_t end = uint64_t{last->value()} + 1;
  for (uint64_t n = std::max(from.value(), lowest(track)); n < end; ++n)
    if (const FrameState* state = frame({track, FrameNumber(static_cast<uint32_t>(n))}))
      return state;
  return nullptr;
}

FragmentStore::FrameRange FragmentStore::frames_from(TrackId track, FrameNumber from) const {
  return {this, frame_from(track, from)};
}

std::optional<FrameNumber> FragmentStore::newest(TrackId track) const {
  return track.value() < kMaxTracks ? newest_[track.value()] : std::nullopt;
}

std::optional<FrameNumber> FragmentStore::last_key(TrackId track) const {
  std::optional<FrameNumber> found;
  for (const FrameState& state : frames_from(track, FrameNumber(0)))
    if (state.header.key && state.complete) found = state.header.id.number;
  return found;
}

std::optional<FragmentStore::Assembled> FragmentStore::assemble(FrameId id, MutableByteSpan out) {
  const Entry* entry = lookup(id);
  if (!entry || !entry->state.complete) return std::nullopt;
  const FrameHeader& header = entry->state.header;
  SWARMCAST_CHECK(out.size() >= header.sealed_size);
  SlotTable slots;
  list_slots(*entry, slots);

  const size_t size = header.fragment_payload();
  std::array<MutableByteSpan, kMaxFragmentsPerFrame> fragments;
  for (unsigned i = 0; i < header.total(); ++i) {
    if (slots[i] != kNoSlot) fragments[i] = payload(slots[i], header);
    if (i >= header.k) continue;
    // The last source fragment ends in padding; the sealed frame does not.
    const MutableByteSpan place =
        out.subspan(i * size, std::min(size, header.sealed_size - i * size));
    if (slots[i] == kNoSlot)
      fragments[i] = place;
    else
      std::memcpy(place.data(), fragments[i].data(), place.size());
  }
  const int rebuilt =
      reconstruct(header.k, std::span(fragments).first(header.total()), entry->state.have);
  SWARMCAST_CHECK(rebuilt >= 0);
  if (rebuilt > 0 && !entry->state.repaired) {
    entries_[entry - entries_.data()].state.repaired = true;
    counts_.fec_recovered += static_cast<unsigned>(rebuilt);
  }
  return Assembled{.size = header.sealed_size, .rebuilt = static_cast<unsigned>(rebuilt)};
}

bool FragmentStore::payloads(FrameId id, MutableByteSpan scratch, std::span<ByteSpan> out) const {
  const Entry* entry = lookup(id);
  if (!entry || !entry->state.complete) return false;
  const FrameHeader& header = entry->state.header;
  const size_t size = header.fragment_payload();
  SWARMCAST_CHECK(out.size() >= header.total());
  SWARMCAST_CHECK(scratch.size() >= size_t{header.total()} * size - entry->state.received * size);
  SlotTable slots;
  list_slots(*entry, slots);

  std::array<MutableByteSpan, kMaxFragmentsPerFrame> fragments;
  for (unsigned i = 0; i < header.total(); ++i) {
    if (slots[i] != kNoSlot) {
      fragments[i] = payload(slots[i], header);
    } else {
      fragments[i] = scratch.first(size);
      scratch = scratch.subspan(size);
    }
    out[i] = fragments[i];
  }
  reconstruct(header.k, std::span(fragments).first(header.total()), entry->state.have);
  for (unsigned i = header.k; i < header.total(); ++i)
    if (slots[i] == kNoSlot) encode_parity(out.first(header.k), i - header.k, fragments[i]);
  return true;
}

void FragmentStore::expire(StreamTime before) {
  floor_ = std::max(floor_, before);
  while (oldest_entry_ != kNoEntry && entries_[oldest_entry_].state.header.capture < floor_)
    evict(oldest_entry_);
  SWARMCAST_DCHECK(is_consistent());
}

void FragmentStore::wipe() {
  while (oldest_entry_ != kNoEntry) evict(oldest_entry_);
  for (size_t i = 0; i < entries_.size(); ++i)
    entries_[i].newer = i + 1 < entries_.size() ? static_cast<uint16_t>(i + 1) : kNoEntry;
  free_entry_ = entries_.empty() ? kNoEntry : 0;
  std::ranges::fill(cells_, kNoEntry);
  newest_.fill(std::nullopt);
  lowest_.fill(UINT32_MAX);
  floor_ = StreamTime::from_us(0);
}

bool FragmentStore::is_consistent() const {
  size_t frames = 0;
  size_t fragments = 0;
  uint16_t previous = kNoEntry;
  for (uint16_t i = oldest_entry_; i != kNoEntry; previous = i, i = entries_[i].newer) {
    const FrameState& state = entries_[i].state;
    if (lookup(state.header.id) != &entries_[i] || entries_[i].older != previous) return false;
    if (previous != kNoEntry && entries_[previous].state.header.capture > state.header.capture)
      return false;
    if (state.header.id.number.value() < lowest(state.header.id.track)) return false;
    if (state.header.capture < floor_ || state.have.count() != state.received) return false;
    if (state.complete != (state.received >= state.header.k)) return false;
    for (uint32_t s = entries_[i].first_slot; s != kNoSlot; s = links_[s].next) ++fragments;
    if (++frames > entries_.size()) return false;
  }
  return previous == newest_entry_ && frames == frames_held_ && fragments == fragments_held_ &&
         fragments + slab_.available() <= slab_.capacity();
}

// --- private ---

size_t FragmentStore::cell(FrameId id) const {
  return id.track.value() * window_ + (id.number.value() & (window_ - 1));
}

const FragmentStore::Entry* FragmentStore::lookup(FrameId id) const {
  if (id.track.value() >= kMaxTracks) return nullptr;
  const uint16_t index = cells_[cell(id)];
  if (index == kNoEntry || entries_[index].state.header.id != id) return nullptr;
  return &entries_[index];
}

MutableByteSpan FragmentStore::message(uint32_t slot, const FrameHeader& header) const {
  return slab_.bytes(SlotId(slot)).first(fragment_message_size(header));
}

MutableByteSpan FragmentStore::payload(uint32_t slot, const FrameHeader& header) const {
  return message(slot, header).last(header.fragment_payload());
}

void FragmentStore::list_slots(const Entry& entry, SlotTable& out) const {
  out.fill(kNoSlot);
  for (uint32_t s = entry.first_slot; s != kNoSlot; s = links_[s].next) out[links_[s].index] = s;
}

bool FragmentStore::is_stale(const FrameHeader& header) const {
  if (header.capture < floor_) return true;
  const auto newest = newest_[header.id.track.value()];
  return newest && *newest > header.id.number &&
         newest->value() - header.id.number.value() >= window_;
}

bool FragmentStore::evict_older(const FrameHeader& than) {
  if (oldest_entry_ == kNoEntry) return false;
  const FrameHeader& oldest = entries_[oldest_entry_].state.header;
  if (oldest.capture >= than.capture || oldest.id == than.id) return false;
  evict(oldest_entry_);
  return true;
}

bool FragmentStore::take_entry(const FrameHeader& header, uint16_t& out) {
  if (free_entry_ == kNoEntry && !add_entry() && !evict_older(header)) return false;
  out = free_entry_;
  free_entry_ = entries_[out].newer;
  entries_[out] = Entry{.state = {.header = header}};
  ++frames_held_;
  link_by_capture(out);
  advance_window(header.id);
  cells_[cell(header.id)] = out;
  uint32_t& low = lowest_[header.id.track.value()];
  low = std::min(low, header.id.number.value());
  return true;
}

bool FragmentStore::add_entry() {
  if (entries_.size() == limits_.max_frames) return false;
  entries_.push_back({.newer = free_entry_});
  free_entry_ = static_cast<uint16_t>(entries_.size() - 1);
  return true;
}

// Frames nearly always come in order of capture, so the search from the newest end is short.
void FragmentStore::link_by_capture(uint16_t index) {
  uint16_t older = newest_entry_;
  while (older != kNoEntry &&
         entries_[older].state.header.capture > entries_[index].state.header.capture)
    older = entries_[older].older;
  const uint16_t newer = older == kNoEntry ? oldest_entry_ : entries_[older].newer;
  entries_[index].older = older;
  entries_[index].newer = newer;
  (older == kNoEntry ? oldest_entry_ : entries_[older].newer) = index;
  (newer == kNoEntry ? newest_entry_ : entries_[newer].older) = index;
}

// Moves the track's window up to this number and drops the frames that fall out of it.
void FragmentStore::advance_window(FrameId id) {
  auto& newest = newest_[id.track.value()];
  if (newest && *newest >= id.number) return;
  const uint32_t ahead = newest ? id.number.value() - newest->value() : 1;
  for (uint32_t i = 0; i < std::min(ahead, window_); ++i) {
    const uint16_t index = cells_[cell({id.track, FrameNumber(id.number.value() - i)})];
    if (index != kNoEntry) evict(index);
  }
  newest = id.number;
}

uint32_t FragmentStore::lowest(TrackId track) const {
  const auto last = newest(track);
  const uint32_t window = last && last->value() >= window_ ? last->value() - window_ + 1 : 0;
  return std::max(window, lowest_[track.value()]);
}

// Every number is passed over once.
void FragmentStore::raise_lowest(FrameId evicted) {
  uint32_t& low = lowest_[evicted.track.value()];
  if (low != evicted.number.value()) return;
  low = lowest(evicted.track);
  const uint32_t end = newest_[evicted.track.value()]->value();
  while (low < end && !lookup({evicted.track, FrameNumber(low)})) ++low;
}

void FragmentStore::evict(uint16_t index) {
  Entry& entry = entries_[index];
  for (uint32_t slot = entry.first_slot; slot != kNoSlot; slot = links_[slot].next) {
    slab_.release(SlotId(slot));
    --fragments_held_;
  }
  (entry.older == kNoEntry ? oldest_entry_ : entries_[entry.older].newer) = entry.newer;
  (entry.newer == kNoEntry ? newest_entry_ : entries_[entry.newer].older) = entry.older;
  cells_[cell(entry.state.header.id)] = kNoEntry;
  raise_lowest(entry.state.header.id);
  entry = Entry{.newer = free_entry_};
  free_entry_ = index;
  --frames_held_;
}

}  // namespace swarmcast::repair
