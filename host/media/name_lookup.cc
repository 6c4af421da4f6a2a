#include "host/media/name_lookup.h"

#include <netdb.h>
#include <sys/socket.h>

#include <memory>

#include "host/media/media_thread.h"

namespace swarmcast::media {
namespace {

// Lives until both the asker and the thread have let go of it.
struct Lookup {
  explicit Lookup(std::string name) : host(std::move(name)) {}
  std::string host;
  StopSignal done;
  int error = 0;  // written before `done` is raised
};

int resolve(const std::string& host, int flags) {
  addrinfo hints{};
  hints.ai_flags = flags;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(host.c_str(), nullptr, &hints, &found);
  if (error == 0) freeaddrinfo(found);
  return error;
}

}  // namespace

std::string look_up(const std::string& host, const StopSignal& stop) {
  if (host.empty() || resolve(host, AI_NUMERICHOST) == 0) return {};
  const auto lookup = std::make_shared<Lookup>(host);
  run_abandonable("media-lookup", [lookup] {
    lookup->error = resolve(lookup->host, 0);
    lookup->done.raise();
  });
  stop.wait_for(lookup->done.fd(), POLLIN, kLookupSeconds * 1'000);
  const bool answered = lookup->done.raised();
  if (stop.raised() || (answered && lookup->error == 0)) return {};
  const std::string reason = answered ? gai_strerror(lookup->error) : "no answer";
  return "There is no machine called \"" + host + "\" (" + reason +
         "). Check the name and the network.";
}

}  // namespace swarmcast::media
