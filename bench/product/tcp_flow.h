// A TCP connection that always has something to send, between two namespaces: cross traffic by this
// machine's own kernel, under CUBIC.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "test/support/netns.h"

namespace swarmcast::bench {

class TcpFlow {
 public:
  // nullptr and a reason if the kernel has no CUBIC or the connection fails.
  static std::unique_ptr<TcpFlow> start(const test::Wan& wan, size_t from, size_t to,
                                        std::string* why);
  ~TcpFlow();
  TcpFlow(const TcpFlow&) = delete;
  TcpFlow& operator=(const TcpFlow&) = delete;

 private:
  TcpFlow(int sender, int receiver);
  void send();
  void receive();

  int sender_, receiver_;
  std::atomic<bool> stopping_{false};
  std::thread sending_, receiving_;
};

}  // namespace swarmcast::bench
