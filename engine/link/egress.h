// One egress controller a node: all links of a device share one uplink.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "engine/base/limits.h"
#include "engine/base/units.h"
#include "engine/link/order_pool.h"
#include "engine/link/pacer.h"
#include "engine/link/send_order.h"

namespace swarmcast::link {

inline constexpr size_t kEgressPool = 4'096;
inline constexpr DataRate kInitialRate = DataRate::kbps(20'000);
// A relay may send this much of its rate ahead of time, so that it forwards at once.
inline constexpr Duration kRelayBurst = Duration::millis(10);
// A spreading source sends in clumps this far apart: a wake-up and a system call for every single
// message would double what a relay behind it pays, too. It catches up with that much and a little.
inline constexpr Duration kSpreadClump = Duration::millis(4);
inline constexpr Duration kSpreadBurst = Duration::millis(6);
static_assert(kSpreadClump < kSpreadBurst);
// A queue that takes longer than this to send, and has for kShedPatience, is shed from: longer than
// a key frame takes on a link that the stream just fits.
inline constexpr Duration kShedT2Above = Duration::millis(120);
inline constexpr Duration kShedT1Above = Duration::millis(200);
inline constexpr Duration kShedPictureAbove = Duration::millis(400);
inline constexpr Duration kShedPatience = Duration::millis(250);
// Shedding ends, level by level, when the queue was below this for kUnshedPatience and what is shed
// now would fit this share of the rate; or for kUnshedTrial, since what would be offered then is
// not known for certain.
inline constexpr Duration kUnshedBelow = Duration::millis(80);
inline constexpr double kUnshedFill = 1;
inline constexpr Duration kUnshedPatience = Duration::millis(500);
inline constexpr Duration kUnshedTrial = Duration::millis(1'500);
static_assert(kUnshedBelow <= kShedT2Above && kShedT2Above < kShedT1Above);
static_assert(kShedT1Above < kShedPictureAbove);

enum class EnqueueResult {
  kQueued,
  kTooLate,      // its deadline cannot be met any more
  kShed,         // the link is too slow for this class
  kFull,         // the pool is full of what matters as much
  kUnavailable,  // no such link, or blocked
};

// Orders not sent, by reason.
struct EgressCounts {
  uint64_t too_late = 0;
  uint64_t shed = 0;
  uint64_t overflow = 0;
  uint64_t cancelled = 0;
};

// Classes are served strictly in order, links within a class in proportion to their weights, orders
// of a link and class by deadline. The node's rate paces all of it, a link's rate only that link.
// What can no longer arrive in time is dropped before it is sent.
class EgressController {
 public:
  explicit EgressController(size_t pool = kEgressPool) : pool_(pool) {}

  // False if there are kMaxLinks already. Weight 1..16.
  bool add_link(LinkId link, int weight = 1);
  // Cancels what is queued.
  void remove_link(LinkId link);
  // Of the path to this neighbour, for judging deadlines; zero until set.
  void set_one_way_delay(LinkId link, Duration delay);
  // The circuit breaker: a blocked link's orders are cancelled and none are taken.
  void set_blocked(LinkId link, bool blocked);
  void set_link_rate(LinkId link, DataRate rate);
  void set_rate(DataRate rate) { rate_ = rate; }
  // Zero (relays): forward as fast as the rate allows. Else (sources): spread what is queued over
  // this time, at most half the frame interval, unless the rate is lower. Repairs are not spread:
  // they go between the clumps, at the rate.
  void set_spread(Duration spread);

  EnqueueResult enqueue(const SendOrder& order, Instant now);
  // The next order to send right now. Sending is assumed.
  std::optional<SendOrder> next(Instant now);
  // When next() has something; never() if nothing is queued.
  Instant next_timeout() const;
  // Bytes that went out otherwise (control) count against the rate.
  void account(LinkId link, size_t bytes, Instant now);

  // Bytes of all orders ever asked for, whatever became of them.
  uint64_t offered_bytes() const { return offered_bytes_; }
  size_t pending_bytes() const;
  size_t pending_bytes(LinkId link) const;
  // How long the repairs that wait for this link alone will take.
  Duration repair_backlog(LinkId link) const;
  // What the caller tells the child.
  Shedding shedding(LinkId link, Instant now);
  const EgressCounts& counts() const { return counts_; }

 private:
  // Bytes asked for, taken or not, over the last kOfferPeriod or two.
  struct Offer {
    uint32_t current = 0;
    uint32_t last = 0;
  };
  struct LinkState {
    bool used = false;
    bool blocked = false;
    LinkId id;
    uint32_t weight = 1;
    Duration one_way;
    Pacer pacer{DataRate::kbps(1'000'000), kRelayBurst};
    std::array<OrderPool::Queue, kSendClasses> queues{};
    std::array<uint64_t, kSendClasses> served{};  // bytes / weight, of the class's virtual time
    std::array<Offer, kSendClasses> offers{};
    uint32_t bytes = 0;
    Shedding shedding = Shedding::kNone;
    Instant over_since = Instant::never();
    Instant under_since = Instant::never();
  };

  std::span<LinkState> links() { return links_; }
  std::span<const LinkState> links() const { return links_; }
  LinkState* find(LinkId link);
  const LinkState* find(LinkId link) const;
  std::optional<SendOrder> take(size_t send_class, Instant now);
  LinkState* choose(size_t send_class, Instant now);
  void drop(LinkState& link, size_t send_class, OrderPool::Index index, uint64_t& counter);
  void drop_all(LinkState& link, size_t send_class, uint64_t& counter);
  bool make_room(SendClass wanted);
  Duration wait_ahead(const LinkState& link, SendClass send_class) const;
  void update_shedding(LinkState& link, Instant now);
  bool may_send(size_t send_class, Instant now) const;
  size_t pending_fresh() const;
  void roll_offers(Instant now);
  DataRate offered(const LinkState& link, Shedding level) const;
  bool fits(const LinkState& link, Shedding level) const;

  OrderPool pool_;
  std::vector<LinkState> links_;                       // at most kMaxLinks; the last one is in use
  std::array<uint64_t, kSendClasses> pending_{};       // bytes over all links
  std::array<uint64_t, kSendClasses> virtual_time_{};  // of the order served last
  DataRate rate_ = kInitialRate;
  Duration spread_;
  DataRate spread_rate_;  // what empties the queue within spread_, since it was last empty
  Pacer pacer_{kInitialRate, kRelayBurst};
  Pacer spreader_{kInitialRate, kSpreadBurst};  // of what is no repair
  Instant offers_since_;
  uint64_t offered_bytes_ = 0;
  EgressCounts counts_;
};

}  // namespace swarmcast::link
