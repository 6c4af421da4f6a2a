// Link set-up on loopback: a node in this process starts, dials a broadcaster, and both prove
// themselves. The whole of it counts: certificate, ICE, DTLS, link handshake.
#include <map>

#include "bench/product/scenario.h"
#include "host/session/session.h"
#include "host/transport/endpoint_text.h"
#include "rendezvous_codec/invite.h"

namespace swarmcast::bench {
namespace {

constexpr Duration kPatience = Duration::seconds(10);

// Notes when the link is proven.
class Observer final : public session::SessionObserver {
 public:
  void on_invite(const std::string&) override {}
  void on_stream(const StreamDescription&) override {}
  void on_link(const output::LinkChanged& link, transport::PathKind) override {
    if (link.state == output::LinkState::kUp && !up_at) up_at = Loop::now();
  }
  void on_stats(const session::SessionStats&) override {}
  void on_notice(const std::string&) override {}
  void on_ended(const session::SessionEnd&) override { ended = true; }

  std::optional<Instant> up_at;
  bool ended = false;
};

// Starts a relay here, waits until `done`, and lets it leave.
double set_up_ms(Loop& loop, const session::SessionOptions& options) {
  Observer observer;
  session::Session session(loop, options, observer);
  const Instant begin = Loop::now();
  if (const auto failure = session.start()) throw NotRun(failure->sentence);
  bool late = false;
  Loop::Timer limit(loop, [&] { late = true; });
  limit.set(begin + kPatience);
  while (!observer.up_at && !observer.ended && !late) loop.run_once(true);
  if (!observer.up_at) throw NotRun("a link did not come up in 10 s");
  session.stop();
  while (!observer.ended && !late) loop.run_once(true);
  return static_cast<double>((*observer.up_at - begin).us()) / 1e3;
}

}  // namespace

Row link_setup(const Setting& setting) {
  Row row{.id = "c",
          .title =
              "link set-up on loopback: from a node's start to its proven link (certificate, "
              "ICE, DTLS, link proof)"};
  const Node source = start_broadcast({}, {"--no-sound"});
  const auto parsed = rendezvous::parse_invite(source.invite);
  const auto* invite = std::get_if<rendezvous::Invite>(&parsed);
  if (!invite) throw NotRun("the broadcaster's invite cannot be read");
  session::SessionOptions options;
  options.engine.role = Role::kRelay;
  options.engine.secret = invite->secret;
  options.engine.source_key_hash = invite->source_key_hash;
  options.engine.entry = Contact{.endpoint = invite->entry, .fingerprint = invite->fingerprint};
  options.engine.parent_only = true;
  options.engine.max_places = 0 * kStripes;
  options.listen = *transport::parse_endpoint("127.0.0.1:0");
  Loop loop;
  std::vector<double> ms(setting.quick ? 30 : 200);
  for (double& one : ms) one = set_up_ms(loop, options);
  row.sample = count(static_cast<int64_t>(ms.size())) + " set-ups, one after the other";
  row.figures = {{"p50", percentile(ms, 0.5), "ms", at_most(30)},
                 {"p95", percentile(ms, 0.95), "ms", at_most(30)},
                 {"max", percentile(ms, 1), "ms", {}}};
  return row;
}

}  // namespace swarmcast::bench
