// A small world for tests: many real overlays, a network of delays, virtual time, one seed.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <queue>
#include <set>
#include <string>
#include <vector>

#include "engine/base/random.h"
#include "engine/overlay/overlay.h"

namespace swarmcast::overlay {

constexpr Duration operator""_ms(unsigned long long n) { return Duration::millis(int64_t(n)); }
constexpr Duration operator""_s(unsigned long long n) { return Duration::seconds(int64_t(n)); }

struct WorldOptions {
  uint64_t seed = 1;
  size_t stripes = 1;
  Duration min_delay = Duration::millis(10);  // one way, drawn once a link
  Duration max_delay = Duration::millis(40);
  Duration jitter = Duration::millis(3);            // added to every message, order is kept
  Duration silence = Duration::millis(150);         // until a child notices a silent parent
  Duration link_timeout = Duration::millis(3'000);  // until the transport gives a dead peer up
  Duration dial_timeout = Duration::millis(3'000);  // until a dial into nowhere fails
};

struct PeerOptions {
  size_t entry = 0;
  size_t max_children = 4;
  bool witness = true;
  bool dialable = true;
  bool parent_only = false;
};

enum class Death { kNoticed, kSilent };  // links close after one delay, or everything just stops

inline constexpr size_t kSource = 0;  // among the nodes

class World {
 public:
  explicit World(WorldOptions options = {}, size_t source_children = 4);

  // --- what happens
  size_t join(PeerOptions options = {}) { return add_peer(options, false); }
  std::vector<size_t> join_many(size_t count, PeerOptions options = {});
  void kill(size_t victim, Death death);
  void leave(size_t peer);
  // The link between two peers breaks; both see it.
  void cut(size_t a, size_t b);
  // Whether anything a peer says gets through. A muted peer's children notice its silence.
  void mute(size_t peer, bool muted);
  void run_for(Duration span);
  // True as soon as `done()`; false if that did not come within `limit`.
  bool run_until(const std::function<bool()>& done, Duration limit);

  Instant now() const { return now_; }
  Prng& random() { return random_; }

  // --- one peer; of the first stripe where none is named
  Overlay& overlay(size_t i) { return *peers_[i].overlay; }
  const Overlay& overlay(size_t i) const { return *peers_[i].overlay; }
  size_t entry(size_t i) const { return peers_[i].options.entry; }
  bool dialable(size_t i) const { return peers_[i].options.dialable; }
  std::optional<Failure> failure(size_t i) const { return peers_[i].failure; }
  Duration failed_after(size_t i) const { return peers_[i].failed_at - peers_[i].born; }
  uint64_t parent_changes(size_t i) const { return peers_[i].parent_changes; }
  std::optional<size_t> parent(size_t i, StripeId stripe = StripeId(0)) const;
  std::optional<size_t> backup(size_t i, StripeId stripe = StripeId(0)) const;
  std::vector<size_t> children(size_t i, StripeId stripe = StripeId(0)) const;
  // Attached, and so is everyone above it, all the way to the source.
  bool fed(size_t i, StripeId stripe = StripeId(0)) const;
  // Is `below` in the subtree of `above`?
  bool is_below(size_t below, size_t above, StripeId stripe = StripeId(0)) const;

  // --- all of them
  std::vector<size_t> living() const;
  bool all_fed() const;
  uint8_t deepest() const;
  uint64_t messages() const { return messages_; }
  size_t links() const;
  uint64_t all_parent_changes() const;
  // Both ends of every relation agree as soon as nothing is under way.
  void expect_agreement();

  // For the message of a failed check.
  std::string where(size_t i) const;
  // Every living peer <- its parent, its depth, its children and places.
  std::string tree() const;

 private:
  struct Peer {
    std::unique_ptr<Overlay> overlay;
    PeerOptions options;
    bool alive = true;
    bool muted = false;
    Instant born;
    Instant wake = Instant::never();
    std::map<LinkId, size_t> links;             // to the wire
    std::set<std::pair<LinkId, StripeId>> fed;  // whom it pushes a stripe to
    std::optional<Failure> failure;
    Instant failed_at;
    uint64_t parent_changes = 0;
    uint32_t inbound = 0;
  };
  struct Wire {
    size_t end[2];
    LinkId link[2];
    Duration delay;
    bool open[2] = {false, false};
    Instant last_arrival[2];  // at that end; order is kept
  };
  struct Event {
    Instant when;
    uint64_t order;
    std::function<void()> run;
    bool operator<(const Event& o) const {
      return std::tie(when, order) > std::tie(o.when, o.order);
    }
  };

  static size_t index_of(const PeerId& id);
  size_t add_peer(const PeerOptions& options, bool root);
  void at(Instant when, std::function<void()> run);
  Duration draw(Duration from, Duration to);

  // Carries out what the peer's overlay wants, and plans its next timeout.
  void drain(size_t i);
  void act(size_t i, const Dial& dial);
  // Nobody has a record in this world, so nobody is knocked: engine/node does that.
  void act(size_t, const Knock&) {}
  void act(size_t, const WantEntryPath&) {}
  void act(size_t i, const Drop& drop) { close(i, drop.link); }
  void act(size_t i, const Say& say) { send(i, say.link, say.body); }
  void act(size_t i, const Feed& feed) { peers_[i].fed.insert({feed.child, feed.stripe}); }
  void act(size_t i, const StopFeed& stop) { peers_[i].fed.erase({stop.child, stop.stripe}); }
  void act(size_t i, const ParentChanged& change);
  void act(size_t, const RelationChanged&) {}
  void act(size_t i, const Failed& failed);

  void open(size_t wire, int side);
  void close(size_t i, LinkId link);
  void close_later(size_t wire, int side, Duration delay);
  void link_down(size_t i, LinkId link);
  void send(size_t i, LinkId link, const wire::Body& body);

  void check_safety();
  bool has_loop() const;
  std::vector<StripeId> stripes() const;
  std::string disagreement() const;
  size_t other_end(size_t i, LinkId link) const;
  const Neighbour* opposite(size_t i, const Neighbour& n, StripeId stripe) const;
  bool feeds(size_t above, size_t below, StripeId stripe) const;

  WorldOptions options_;
  Prng random_;
  Instant now_ = Instant::from_ms(1'000);
  std::vector<Peer> peers_;
  std::vector<Wire> wires_;
  std::priority_queue<Event> events_;
  uint64_t event_count_ = 0;
  uint64_t messages_ = 0;
  std::vector<size_t> touched_;  // since the last check
  bool parents_changed_ = false;
  Instant loop_since_ = Instant::never();
};

// A chain below the source, each peer the only parent of the next.
std::vector<size_t> chain(World& world, size_t hops);

}  // namespace swarmcast::overlay
