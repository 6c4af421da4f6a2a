// A small world for tests: real engines under virtual time, joined by links with delay and loss.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <queue>
#include <set>
#include <string>
#include <vector>

#include "engine/api/engine.h"
#include "engine/base/random.h"

namespace swarmcast::node {

struct LinkModel {
  Duration one_way = Duration::millis(10);
  Duration jitter;  // uniform, may reorder
  double loss = 0;  // of every datagram, either way
};

class World {
 public:
  explicit World(uint64_t seed) : rng_(seed) {}

  struct Shown {
    FrameId id;
    StreamTime capture;
    Instant present_at;
    Instant released;
    bool show = true;
    std::vector<uint8_t> payload;
  };
  struct Node {
    std::vector<uint8_t> slab;
    std::unique_ptr<Engine> engine;
    Endpoint endpoint;
    std::vector<Endpoint> other_addresses;  // of the same listener
    Fingerprint fingerprint{};
    size_t entry = 0;
    bool answers_dials = true;  // false: behind a NAT
    bool alive = true;
    std::vector<Shown> shown;
    std::vector<output::EndReason> ended;
    std::vector<output::LinkChanged> links;
    uint64_t key_requests = 0;
    std::optional<output::EncoderHint> hint;  // the last
    Instant armed = Instant::never();         // the Timeout event in the queue
  };

  // Adds a source; returns its index.
  size_t add_source(EngineOptions options = {});
  // Adds a viewer or relay that enters through `entry`.
  size_t add_peer(size_t entry, EngineOptions options = {});
  // The same behind a NAT: it dials, and nobody can dial it, though it thinks so.
  size_t add_peer_behind_nat(size_t entry, EngineOptions options = {});

  size_t size() const { return nodes_.size(); }
  Node& node(size_t i) { return *nodes_[i]; }
  Engine& engine(size_t i) { return *nodes_[i]->engine; }
  Instant now() const { return now_; }

  // The model of links made from now on, or of one pair at once.
  LinkModel default_link;
  void set_link(size_t a, size_t b, const LinkModel& model);
  // Nothing passes any more on links dialled to this address.
  void cut(const Endpoint& address) { cut_.insert(address.port); }
  void mend(const Endpoint& address) { cut_.erase(address.port); }
  // Bytes sent on links dialled to this address, either way.
  uint64_t bytes_over(const Endpoint& address) { return bytes_over_[address.port]; }
  // Vanishes without a word.
  void kill(size_t i) { nodes_[i]->alive = false; }
  void stop(size_t i) { give(i, input::Stop{}); }
  void give(size_t i, const Input& input);

  // Publishes a frame a `period` in the pattern T0 T2 T1 T2 with a key every 40 frames; `size`
  // bytes each, key frames four times that. Contents are a function of the number.
  void publish_every(size_t source, Duration period, size_t size);
  void stop_publishing() { publishing_ = false; }
  static std::vector<uint8_t> content(FrameNumber number, size_t size);

  void run_for(Duration d) { run_until(now_ + d); }
  // Runs until `done`, at most `limit`; false if it never was.
  bool run_until_true(const std::function<bool()>& done, Duration limit);

  // Whether entries have gateways: then paths can be opened to them, and signals sent over these.
  bool gateways = false;
  // Whether the two ends of a prepared link find a path to each other.
  std::function<bool(size_t a, size_t b)> can_meet = [](size_t, size_t) { return true; };
  // As `tap`, for what goes over signal paths.
  std::function<bool(size_t from, size_t to, std::vector<uint8_t>& message)> path_tap;
  // Links that came about without a dial.
  size_t prepared_links = 0;

  // Runs `run` at that moment.
  void schedule(Instant at, std::function<void()> run);

  // Replaces the models of links for datagrams, if set: the delay of this one, none if it is lost.
  std::function<std::optional<Duration>(size_t from, size_t to, size_t bytes)> network;
  // If set: how long what is sent now will wait at its host before the engine gets it.
  std::function<Duration(size_t to)> reading_delay;
  // Lets a test look at, change or drop (return false) every message on its way.
  std::function<bool(size_t from, size_t to, std::vector<uint8_t>& message)> tap;

  uint64_t messages_sent = 0;

 private:
  struct Event {
    Instant at;
    uint64_t order;
    std::function<void()> run;
    bool operator<(const Event& o) const { return at != o.at ? at > o.at : order > o.order; }
  };
  struct Wire {  // one end's view of a link
    size_t peer = 0;
    LinkId peer_link;
    uint16_t port = 0;  // that was dialled: one of its own for every address here
  };
  struct Prepared {  // one end of a link that is not up
    bool initiator = false;
    LinkDescription local;
    std::optional<LinkDescription> remote;
  };
  using End = std::pair<size_t, uint32_t>;  // whose, which link or path

  void run_until(Instant end);
  void drain(size_t i);
  void arm(size_t i);
  void dial(size_t from, LinkId link, const Contact& contact);
  void link_up(size_t from, LinkId link, const Fingerprint& from_certificate, size_t to,
               LinkId theirs, const Fingerprint& to_certificate, const Endpoint& there);
  void prepare(size_t at, const output::PrepareLink& o);
  void describe(size_t at, const output::RemoteDescription& o);
  void open_signal_path(size_t joiner);
  void send_signal(size_t from, const output::SendSignal& o);
  void transmit(size_t from, const output::Transmit& t);
  void close(size_t from, LinkId link);
  const LinkModel& model(size_t a, size_t b) const;
  Duration delay(size_t a, size_t b);
  size_t add(EngineOptions options);
  void publish_next(size_t source, Duration period, size_t size);

  Prng rng_;
  Instant now_ = Instant::from_us(1'000'000);
  uint64_t order_ = 0;
  uint32_t inbound_ = 0;
  std::vector<std::unique_ptr<Node>> nodes_;
  std::map<End, Wire> wires_;
  std::map<End, Prepared> prepared_;
  std::map<End, End> paths_;
  std::set<uint16_t> cut_;
  std::map<uint16_t, uint64_t> bytes_over_;
  uint32_t prepared_ends_ = 0;
  uint32_t last_path_ = 0;
  std::map<std::pair<size_t, size_t>, LinkModel> models_;
  std::priority_queue<Event> events_;
  bool publishing_ = false;
  uint32_t published_ = 0;
};

}  // namespace swarmcast::node
