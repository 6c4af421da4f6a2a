// One native end of the interop tests: a transport without an engine, told what to do.
#pragma once

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "engine/api/options.h"
#include "host/loop/loop.h"
#include "host/transport/composite_transport.h"
#include "host/transport/sdp.h"
#include "test/interop/node/traffic.h"

namespace swarmcast::interop {

// Commands and events are lines of JSON; test/interop/README.md lists them.
class Peer final : public transport::LinkEvents {
 public:
  Peer(Loop& loop, const transport::TransportOptions& options);

  // Prints `listening`; a sentence if the port cannot be opened.
  std::optional<std::string> start(const Endpoint& where);
  // Carries out one command; an unknown or malformed one is answered by an `error` event.
  void command(const std::string& line);

  void on_up(LinkId link, bool ours, const Fingerprint& local, const Fingerprint& remote,
             const Endpoint& remote_endpoint) override;
  void on_message(LinkId link, ByteSpan message, Instant) override;
  void on_down(LinkId link, transport::DownReason reason) override;
  void on_local_description(LinkId link, const LinkDescription& description) override;

 private:
  using Json = nlohmann::json;
  struct Traffic {
    std::unique_ptr<Sending> sending;
    Receiving receiving;
    uint64_t answers = 0;       // to our echo requests
    size_t largest_answer = 0;  // bytes
    uint64_t other = 0;         // messages that are none of ours
    uint64_t refused = 0;       // of the stream, by the transport
    bool up = true;
  };

  void run(const Json& command);
  // How a prepared link is told to a browser.
  struct Session {
    transport::DtlsSetup setup = transport::DtlsSetup::kActpass;
    std::string mid = "0";
  };

  void prepare(const Json& command);
  void set_remote(LinkId link, const Json& command);
  void stream(const Json& command);
  void echo(const Json& command);
  void report(bool delays) const;
  void send_due();

  Loop& loop_;
  SwarmSecret secret_;
  std::unique_ptr<transport::Transport> transport_;
  std::map<uint32_t, Traffic> traffic_;   // by link
  std::map<uint32_t, Session> sessions_;  // by prepared link
  Loop::Timer timer_;
};

// One event line on stdout.
void say(const nlohmann::json& event);

}  // namespace swarmcast::interop
