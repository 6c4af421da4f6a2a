// The ring of recent fragments: the only copy of payload the engine makes. What is forwarded,
// repaired and assembled is read from here.
//
// A frame has one entry in a fixed table; its fragments are whole messages in slab slots, chained.
// Entries are found by (track, number) through one window of numbers a track, and are kept in
// order of capture time so that the oldest go first. The table grows to the most frames that were
// ever held at once, but never beyond its limit: a hostile source can waste its own ring, never
// outgrow it.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <vector>

#include "engine/base/fragment.h"
#include "engine/base/limits.h"
#include "engine/base/slab.h"
#include "engine/repair/reed_solomon.h"

namespace swarmcast::repair {

struct StoreLimits {
  size_t max_frames = 1'024;              // entries, all tracks together; 1..32,768
  Duration ring_span = kDefaultRingSpan;  // of stream time behind the newest frame
};

enum class Insertion {
  kNew,
  kDuplicate,
  kStale,   // older than the ring, or contradicting the frame's other fragments
  kNoRoom,  // the slab is full of newer frames
};

// What is held of one frame.
struct FrameState {
  FrameHeader header;
  FragmentSet have;
  uint8_t received = 0;   // distinct fragments
  bool complete = false;  // k distinct fragments are here
  bool repaired = false;  // assemble() rebuilt data from parity

  // Fragments still needed to complete it.
  uint8_t lacking() const {
    return complete ? uint8_t{0} : static_cast<uint8_t>(header.k - received);
  }
};

// Cumulative.
struct StoreCounts {
  uint64_t inserted = 0;
  uint64_t duplicate = 0;
  uint64_t stale = 0;
  uint64_t no_room = 0;
  uint64_t fec_recovered = 0;  // data fragments rebuilt by assemble()
};

class FragmentStore {
 public:
  // `slab` outlives the store; its slots hold kMaxMessageSize bytes.
  explicit FragmentStore(Slab& slab, const StoreLimits& limits = {});
  ~FragmentStore() { wipe(); }
  FragmentStore(const FragmentStore&) = delete;
  FragmentStore& operator=(const FragmentStore&) = delete;

  // Copies the whole message in. Makes room at the cost of the oldest frames, never of newer ones.
  Insertion insert(const VerifiedFragment& fragment);

  // The message as stored, empty if it is not held. The caller may rewrite the hop header; the
  // rest stays as it is. Valid until the next insert, expire or wipe.
  MutableByteSpan find(FragmentId id) const;
  // nullptr if nothing of the frame is held. Valid until the next insert, expire or wipe.
  const FrameState* frame(FrameId id) const;
  bool complete(FrameId id) const;

  // The first frame held with a number >= `from`; nullptr if there is none.
  const FrameState* frame_from(TrackId track, FrameNumber from) const;
  class FrameRange;
  // The frames held with a number >= `from`, in order of number.
  FrameRange frames_from(TrackId track, FrameNumber from) const;
  // Highest number seen on the track since the last wipe.
  std::optional<FrameNumber> newest(TrackId track) const;
  // The newest complete key frame.
  std::optional<FrameNumber> last_key(TrackId track) const;

  struct Assembled {
    size_t size = 0;       // = sealed_size
    unsigned rebuilt = 0;  // data fragments rebuilt from parity
  };
  // Writes the sealed frame, padding stripped. nullopt if the frame is not complete.
  // `out` holds at least header.sealed_size bytes.
  std::optional<Assembled> assemble(FrameId id, MutableByteSpan out);

  // Gives all k + r payloads of a complete frame, for a relay that restores what it misses: those
  // held in place, the others rebuilt into `scratch` (total() - received payloads long at least).
  // `out` holds at least header.total() spans, valid until the next insert, expire or wipe.
  // False if the frame is not complete.
  bool payloads(FrameId id, MutableByteSpan scratch, std::span<ByteSpan> out) const;

  // Wipes and frees frames captured before `before`; nothing so old is taken again.
  void expire(StreamTime before);
  // Wipes and forgets everything, as after construction. Counters stay.
  void wipe();

  size_t frames_held() const { return frames_held_; }
  size_t fragments_held() const { return fragments_held_; }
  // Frames there is room for so far.
  size_t room() const { return entries_.size(); }
  const StoreCounts& counts() const { return counts_; }
  // Checks every link and count; for tests and debug builds.
  bool is_consistent() const;

 private:
  static constexpr uint16_t kNoEntry = 0xffff;
  static constexpr uint32_t kNoSlot = 0xffffffff;

  struct Entry {
    FrameState state;
    uint32_t first_slot = kNoSlot;
    uint16_t older = kNoEntry;
    uint16_t newer = kNoEntry;  // next free one, if the entry is free
  };
  struct SlotLink {
    uint32_t next = kNoSlot;
    uint8_t index = 0;  // of the fragment within its frame
  };
  using SlotTable = std::array<uint32_t, kMaxFragmentsPerFrame>;

  // Where in `cells_` the frame's entry is named.
  size_t cell(FrameId id) const;
  const Entry* lookup(FrameId id) const;
  MutableByteSpan message(uint32_t slot, const FrameHeader& header) const;
  MutableByteSpan payload(uint32_t slot, const FrameHeader& header) const;
  // Slot of every fragment of the frame, kNoSlot where it is missing.
  void list_slots(const Entry& entry, SlotTable& out) const;

  bool is_stale(const FrameHeader& header) const;
  // Frees the oldest frame if it is older than `than`.
  bool evict_older(const FrameHeader& than);
  bool take_entry(const FrameHeader& header, uint16_t& out);
  bool add_entry();
  void link_by_capture(uint16_t index);
  void advance_window(FrameId id);
  void raise_lowest(FrameId evicted);
  // The first number that may be held, if any of the track is.
  uint32_t lowest(TrackId track) const;
  void evict(uint16_t index);

  Slab& slab_;
  const StoreLimits limits_;
  const uint32_t window_;  // numbers a track remembers, a power of two
  std::vector<Entry> entries_;
  std::vector<SlotLink> links_;
  std::vector<uint16_t> cells_;  // kMaxTracks windows of entry indices
  std::array<std::optional<FrameNumber>, kMaxTracks> newest_{};
  std::array<uint32_t, kMaxTracks> lowest_{};  // no frame with a lower number is held
  StreamTime floor_ = StreamTime::from_us(0);
  uint16_t oldest_entry_ = kNoEntry;
  uint16_t newest_entry_ = kNoEntry;
  uint16_t free_entry_ = kNoEntry;
  size_t frames_held_ = 0;
  size_t fragments_held_ = 0;
  StoreCounts counts_;
};

class FragmentStore::FrameRange {
 public:
  struct Iterator {
    const FragmentStore* store;
    const FrameState* state;
    const FrameState& operator*() const { return *state; }
    Iterator& operator++() {
      const FrameId id = state->header.id;
      state =
          id.number.value() == UINT32_MAX ? nullptr : store->frame_from(id.track, id.number.next());
      return *this;
    }
    bool operator!=(std::nullptr_t) const { return state != nullptr; }
  };
  FrameRange(const FragmentStore* store, const FrameState* first) : begin_{store, first} {}
  Iterator begin() const { return begin_; }
  std::nullptr_t end() const { return nullptr; }

 private:
  Iterator begin_;
};

}  // namespace swarmcast::repair
