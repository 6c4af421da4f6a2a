#include "test/interop/node/peer.h"

#include <algorithm>
#include <cstdio>

#include "host/platform/sodium_crypto.h"
#include "host/transport/endpoint_text.h"
#include "test/interop/node/description_json.h"

namespace swarmcast::interop {
namespace {

using transport::Lane;

constexpr const char* kPaths[] = {"direct", "nat", "relayed"};  // by PathKind

SwarmSecret random_secret() {
  SwarmSecret out;
  platform::system_random(out);
  return out;
}

Lane lane_of(const nlohmann::json& command) {
  return command.value("lane", "media") == "control" ? Lane::kControl : Lane::kMedia;
}

size_t size_of(const nlohmann::json& command) {
  return std::clamp(command.value("size", size_t{1'100}), kHeaderSize, kMaxMessageSize);
}

}  // namespace

void say(const nlohmann::json& event) {
  std::printf("%s\n", event.dump().c_str());
  std::fflush(stdout);
}

Peer::Peer(Loop& loop, const transport::TransportOptions& options)
    : loop_(loop),
      secret_(random_secret()),
      transport_(std::make_unique<transport::CompositeTransport>(
          loop, platform::sodium_crypto(), secret_, *this,
          transport::CompositeTransport::Settings{.options = options})),
      timer_(loop, [this] { send_due(); }) {}

std::optional<std::string> Peer::start(const Endpoint& where) {
  if (auto error = transport_->listen(where)) return error;
  say({{"event", "listening"},
       {"endpoint", transport::to_text(transport_->local_endpoint())},
       {"fingerprint", hex(transport_->fingerprint())},
       {"secret", hex(secret_)}});
  return std::nullopt;
}

void Peer::command(const std::string& line) {
  const Json command = Json::parse(line, nullptr, /*allow_exceptions=*/false);
  try {
    run(command);
  } catch (const Json::exception& e) {
    say({{"event", "error"}, {"message", e.what()}});
  }
}

void Peer::run(const Json& command) {
  const std::string what = command.at("do");
  if (what == "prepare") return prepare(command);
  if (what == "remote") return set_remote(LinkId(command.at("link").get<uint32_t>()), command);
  if (what == "stream") return stream(command);
  if (what == "echo") return echo(command);
  if (what == "report") return report(command.value("delays", false));
  if (what == "close") {
    const uint32_t link = command.at("link");
    transport_->close(LinkId(link));
    traffic_[link].up = false;
    return say({{"event", "closed"}, {"link", link}});
  }
  say({{"event", "error"}, {"message", "unknown command " + what}});
}

// "link" is any number below kDialledLinkBit; events name the link with that bit set. The responder
// may be given the offer at once.
void Peer::prepare(const Json& command) {
  const LinkId link(command.at("link").get<uint32_t>() | transport::kDialledLinkBit);
  const bool initiator = command.at("role") == "initiator";
  sessions_[link.value()].setup =
      initiator ? transport::DtlsSetup::kActpass : transport::DtlsSetup::kActive;
  transport_->prepare(link,
                      initiator ? transport::LinkRole::kInitiator : transport::LinkRole::kResponder,
                      transport::LinkCertificate::kFresh);
  if (command.contains("sdp")) set_remote(link, command);
}

void Peer::set_remote(LinkId link, const Json& command) {
  if (command.contains("sdp")) {
    const auto parsed = transport::parse_sdp(command["sdp"].get<std::string>());
    if (const auto* error = std::get_if<transport::SdpError>(&parsed))
      return say({{"event", "error"}, {"message", transport::sentence(*error)}});
    const auto& session = std::get<transport::SessionDescription>(parsed);
    sessions_[link.value()].mid = session.mid;
    return transport_->set_remote_description(link, session.link);
  }
  const auto description = read_description(command.at("description"));
  if (!description) return say({{"event", "error"}, {"message", "not a description"}});
  transport_->set_remote_description(link, *description);
}

// A paced stream on the media lane; a second one on a link replaces the first.
void Peer::stream(const Json& command) {
  traffic_[command.at("link").get<uint32_t>()].sending = std::make_unique<Sending>(
      lane_of(command), command.at("rate"), size_of(command), command.at("count"), Loop::now());
  send_due();
}

// `count` echo requests at once.
void Peer::echo(const Json& command) {
  const LinkId link(command.at("link").get<uint32_t>());
  const Lane lane = lane_of(command);
  for (uint32_t n = 0; n < command.value("count", 1U); ++n) {
    const auto message = make_message({Kind::kEcho, lane, n, Loop::now()}, size_of(command));
    transport_->send(link, lane, message);
  }
  transport_->flush();
}

void Peer::report(bool delays) const {
  Json links = Json::object();
  for (const auto& [id, traffic] : traffic_) {
    Json& link = links[std::to_string(id)] = traffic.receiving.report(delays);
    link["up"] = traffic.up;
    if (traffic.up) link["path"] = kPaths[static_cast<size_t>(transport_->path(LinkId(id)))];
    link["sent"] = traffic.sending ? traffic.sending->sent() : 0;
    link["answers"] = traffic.answers;
    link["largest_answer"] = traffic.largest_answer;
    link["other"] = traffic.other;
    link["refused"] = traffic.refused;
  }
  const auto& stats = transport_->stats();
  say({{"event", "report"},
       {"links", links},
       {"unsent", stats.unsent},
       {"alien", stats.alien},
       {"unauthentic", stats.unauthentic}});
}

void Peer::send_due() {
  const Instant now = Loop::now();
  Instant next = Instant::never();
  for (auto& [id, traffic] : traffic_) {
    if (!traffic.sending || !traffic.up) continue;
    while (traffic.sending->due() <= now) {
      const auto message = traffic.sending->next(now);
      if (!transport_->send(LinkId(id), traffic.sending->lane(), message)) ++traffic.refused;
    }
    next = std::min(next, traffic.sending->due());
  }
  transport_->flush();
  timer_.set(next);
}

void Peer::on_up(LinkId link, bool ours, const Fingerprint& local, const Fingerprint& remote,
                 const Endpoint& remote_endpoint) {
  traffic_[link.value()] = {};
  say({{"event", "up"},
       {"link", link.value()},
       {"ours", ours},
       {"local", hex(local)},
       {"remote", hex(remote)},
       {"endpoint", transport::to_text(remote_endpoint)}});
}

void Peer::on_local_description(LinkId link, const LinkDescription& description) {
  const Session& session = sessions_[link.value()];
  transport::SessionDescription sdp{
      .link = description, .setup = session.setup, .mid = session.mid};
  sdp.link.native = false;
  say({{"event", "description"},
       {"link", link.value()},
       {"description", write_description(description)},
       {"sdp", transport::write_sdp(sdp, link.value())}});
}

void Peer::on_message(LinkId link, ByteSpan message, Instant) {
  Traffic& traffic = traffic_[link.value()];
  const auto header = read_message(message);
  if (!header) {
    ++traffic.other;
    return;
  }
  switch (header->kind) {
    case Kind::kStream:
      traffic.receiving.take(*header, message.size(), Loop::now());
      break;
    case Kind::kAnswer:
      ++traffic.answers;
      traffic.largest_answer = std::max(traffic.largest_answer, message.size());
      break;
    case Kind::kEcho: {
      std::vector<uint8_t> answer(message.begin(), message.end());
      answer[0] = static_cast<uint8_t>(Kind::kAnswer);
      transport_->send(link, header->lane, answer);
      transport_->flush();
    }
  }
}

void Peer::on_down(LinkId link, transport::DownReason reason) {
  traffic_[link.value()].up = false;
  say({{"event", "down"}, {"link", link.value()}, {"reason", transport::sentence(reason)}});
}

}  // namespace swarmcast::interop
