// interop_peer ADDRESS:PORT [OPTIONS]: the native end of the interop tests. Commands come in on
// stdin, whose end ends it; events go out on stdout. OPTIONS is JSON, all of it optional:
//   {"relay_only": bool, "turn": [{"endpoint": "ADDR:PORT", "tcp": bool, "user", "password"}]}
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>

#include "host/transport/endpoint_text.h"
#include "test/interop/node/peer.h"

namespace swarmcast::interop {
namespace {

// Cuts what comes in on stdin into lines.
class Input {
 public:
  Input(Loop& loop, Peer& peer)
      : loop_(loop),
        peer_(peer),
        watch_(loop, STDIN_FILENO, Loop::FdWatch::kReadable, [this](unsigned) { read_some(); }) {
    fcntl(STDIN_FILENO, F_SETFL, fcntl(STDIN_FILENO, F_GETFL) | O_NONBLOCK);
  }

 private:
  void read_some() {
    char buffer[4'096];
    const ssize_t n = read(STDIN_FILENO, buffer, sizeof buffer);
    if (n == 0) loop_.quit();
    if (n <= 0) return;
    text_.append(buffer, static_cast<size_t>(n));
    for (size_t end; (end = text_.find('\n')) != std::string::npos; text_.erase(0, end + 1)) {
      peer_.command(text_.substr(0, end));
    }
  }

  Loop& loop_;
  Peer& peer_;
  std::string text_;
  Loop::FdWatch watch_;
};

// Throws nlohmann::json::exception if it is something else.
transport::TransportOptions read_options(const char* text) {
  const auto json = nlohmann::json::parse(text);
  transport::TransportOptions out;
  out.relay_only = json.value("relay_only", false);
  for (const auto& server : json.value("turn", nlohmann::json::array())) {
    const auto endpoint = transport::parse_endpoint(server.at("endpoint").get<std::string>());
    if (!endpoint) continue;
    out.turn.push_back({*endpoint, server.at("tcp"), server.at("user"), server.at("password")});
  }
  return out;
}

int run(const char* where, const char* options) {
  const auto endpoint = transport::parse_endpoint(where);
  if (!endpoint) {
    std::fprintf(stderr, "interop_peer: '%s' is not an address to listen on\n", where);
    return 2;
  }
  Loop loop;
  Peer peer(loop, read_options(options));
  if (const auto error = peer.start(*endpoint)) {
    std::fprintf(stderr, "interop_peer: %s\n", error->c_str());
    return 1;
  }
  Input input(loop, peer);
  loop.run();
  return 0;
}

}  // namespace
}  // namespace swarmcast::interop

int main(int argc, char** argv) {
  if (argc < 2 || argc > 3) {
    std::fprintf(stderr, "usage: interop_peer ADDRESS:PORT [OPTIONS]\n");
    return 2;
  }
  return swarmcast::interop::run(argv[1], argc == 3 ? argv[2] : "{}");
}
