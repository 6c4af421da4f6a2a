// Hosts, the paths between them, and the packets under way. No I/O, no clock.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <queue>
#include <string>
#include <vector>

#include "engine/base/bytes.h"
#include "tools/wan/nat.h"
#include "tools/wan/path.h"

namespace swarmcast::wan {

inline constexpr size_t kMtu = 1'500;
inline constexpr size_t kMaxHosts = 64;
inline constexpr size_t kMaxPacketsUnderWay = 20'000;

struct Host {
  std::string name;
  Address address = 0;
  Bottleneck uplink;        // shared by all paths from this host, before them
  Bottleneck downlink;      // shared by all paths to this host, behind them
  uint64_t bytes_sent = 0;  // from the IP header up; those its uplink's queue dropped, too
  uint64_t uplink_drops = 0;
  uint64_t downlink_drops = 0;
  uint64_t unroutable = 0;    // addressed to nobody here, or not IPv4
  std::optional<Nat> nat;     // then others reach it at nat->outside() only,
  size_t site = 0;            // but for those on the same site; 0: alone
  uint64_t untranslated = 0;  // dropped by the NAT, in either direction
};

// The emulator's own honesty: how late it released packets, and what it could not hold.
struct Lateness {
  uint64_t releases = 0;
  uint64_t over_1ms = 0;
  Duration worst;
  uint64_t overflow = 0;  // dropped because kMaxPacketsUnderWay were under way
};

class Network {
 public:
  explicit Network(uint64_t seed) : seed_(seed) {}

  // Returns the new host's index; nullopt if the name or address is taken or there are kMaxHosts.
  std::optional<size_t> add_host(const std::string& name, Address address);
  const std::vector<Host>& hosts() const { return hosts_; }
  Host& host(size_t index) { return hosts_[index]; }
  std::optional<size_t> find_host(const std::string& name) const;
  // Puts a NAT in front of a host; false if its outer address is taken.
  bool set_nat(size_t host, Mapping mapping, Address outside);
  Path& path(size_t from, size_t to) { return *paths_[from][to]; }
  const Path& path(size_t from, size_t to) const { return *paths_[from][to]; }

  // Puts two hosts on one site: behind any NAT, they reach each other by their own addresses.
  void join_sites(size_t a, size_t b);
  // Takes a packet that host `from` sent; copies what it keeps.
  void offer(Instant now, size_t from, ByteSpan packet);
  // When the next packet is due; never() if none is under way.
  Instant next_release() const;
  // The next packet that is due by `now`, with the host it is for; valid until the next call.
  struct Delivery {
    size_t host;
    ByteSpan packet;
  };
  std::optional<Delivery> release(Instant now);
  const Lateness& lateness() const { return lateness_; }

 private:
  struct Packet {
    size_t from = 0;
    size_t to = 0;
    size_t size = 0;
    bool within_site = false;
    uint8_t data[kMtu];
  };
  struct Event {
    Instant at;
    uint64_t order = 0;  // equal times leave in the order they came
    uint32_t slot = 0;
    bool past_downlink = false;
    bool operator<(const Event& o) const {
      return at != o.at ? at > o.at : order > o.order;  // priority_queue: greatest first
    }
  };
  std::optional<uint32_t> take_slot();
  struct Route {
    size_t to;
    bool within_site;
  };
  std::optional<Route> route(size_t from, ByteSpan packet) const;
  bool is_taken(Address address) const;

  uint64_t seed_;
  std::vector<Host> hosts_;
  std::vector<std::vector<std::unique_ptr<Path>>> paths_;  // [from][to]
  std::vector<std::unique_ptr<Packet>> packets_;
  std::vector<uint32_t> free_slots_;
  std::optional<uint32_t> delivered_;  // lent to the caller until the next release()
  std::priority_queue<Event> events_;
  uint64_t order_ = 0;
  size_t sites_ = 0;
  Lateness lateness_;
};

}  // namespace swarmcast::wan
