#include "host/transport/ice_agent.h"

#include <nice/agent.h>

#include <algorithm>
#include <cstdio>
#include <string>

#include "engine/base/check.h"
#include "host/transport/candidates.h"
#include "host/transport/endpoint_text.h"

namespace swarmcast::transport {
namespace {

constexpr unsigned kComponent = 1;

struct CandidateDeleter {
  void operator()(NiceCandidate* candidate) const { nice_candidate_free(candidate); }
};
using CandidatePtr = std::unique_ptr<NiceCandidate, CandidateDeleter>;

void free_candidates(GSList* list) {
  g_slist_free_full(list, [](gpointer candidate) {
    nice_candidate_free(static_cast<NiceCandidate*>(candidate));
  });
}

NiceAddress to_nice(const Endpoint& endpoint) {
  NiceAddress out;
  nice_address_init(&out);
  if (is_ipv4(endpoint)) {
    const auto& ip = endpoint.ip;
    nice_address_set_ipv4(&out,
                          static_cast<guint32>(ip[12]) << 24 | ip[13] << 16 | ip[14] << 8 | ip[15]);
  } else {
    nice_address_set_ipv6(&out, endpoint.ip.data());
  }
  nice_address_set_port(&out, endpoint.port);
  return out;
}

Endpoint from_nice(const NiceAddress& address) {
  Endpoint out;
  if (nice_address_ip_version(&address) == 4) {
    out.ip[10] = out.ip[11] = 0xff;
    const auto* bytes = reinterpret_cast<const uint8_t*>(&address.s.ip4.sin_addr);
    std::copy(bytes, bytes + 4, out.ip.begin() + 12);
  } else {
    std::copy_n(address.s.ip6.sin6_addr.s6_addr, out.ip.size(), out.ip.begin());
  }
  out.port = static_cast<uint16_t>(nice_address_get_port(&address));
  return out;
}

bool is_loopback(const Endpoint& e) {
  static constexpr std::array<uint8_t, 16> kIpv6Loopback = {0, 0, 0, 0, 0, 0, 0, 0,
                                                            0, 0, 0, 0, 0, 0, 0, 1};
  return is_ipv4(e) ? e.ip[12] == 127 : e.ip == kIpv6Loopback;
}

bool is_multicast(const Endpoint& e) { return is_ipv4(e) ? e.ip[12] >= 224 : e.ip[0] == 0xff; }

CandidateType type_of(const NiceCandidate& candidate) {
  switch (candidate.type) {
    case NICE_CANDIDATE_TYPE_HOST:
      return CandidateType::kHost;
    case NICE_CANDIDATE_TYPE_RELAYED:
      return CandidateType::kRelayed;
    default:
      return CandidateType::kServerReflexive;
  }
}

NiceCandidateType nice_type(CandidateType type) {
  switch (type) {
    case CandidateType::kHost:
    case CandidateType::kHidden:  // never offered to it
      return NICE_CANDIDATE_TYPE_HOST;
    case CandidateType::kServerReflexive:
      return NICE_CANDIDATE_TYPE_SERVER_REFLEXIVE;
    case CandidateType::kRelayed:
      return NICE_CANDIDATE_TYPE_RELAYED;
  }
  return NICE_CANDIDATE_TYPE_HOST;
}

CandidatePtr to_candidate(const Candidate& from, unsigned stream, const LinkDescription& peer) {
  CandidatePtr out(nice_candidate_new(nice_type(from.type)));
  out->transport = NICE_CANDIDATE_TRANSPORT_UDP;
  out->addr = out->base_addr = to_nice(from.endpoint);
  out->priority = from.priority;
  out->stream_id = stream;
  out->component_id = kComponent;
  // Descriptions carry no foundations: each candidate has its own, so that none waits for another.
  std::snprintf(out->foundation, sizeof out->foundation, "%u%08x", static_cast<unsigned>(from.type),
                from.priority);
  out->username = g_strdup(std::string(peer.ufrag.view()).c_str());
  out->password = g_strdup(std::string(peer.password.view()).c_str());
  return out;
}

}  // namespace

// What libnice calls.
struct IceAgent::Callbacks {
  static void gathered(NiceAgent*, guint, IceAgent* self) {
    self->gathered_ = true;
    self->events_.on_ice_change();
  }
  static void candidate(NiceAgent*, NiceCandidate*, IceAgent* self) {
    self->events_.on_ice_change();
  }
  static void selected(NiceAgent*, guint, guint, NiceCandidate*, NiceCandidate*, IceAgent* self) {
    self->selected_ = true;
    self->events_.on_ice_change();
  }
  static void state(NiceAgent*, guint, guint, guint state, IceAgent* self) {
    self->failed_ = state == NICE_COMPONENT_STATE_FAILED;
    if (self->failed_) self->events_.on_ice_change();
  }
  static void datagram(NiceAgent*, guint, guint, guint size, gchar* bytes, gpointer data) {
    static_cast<IceAgent*>(data)->events_.on_ice_datagram(
        {reinterpret_cast<uint8_t*>(bytes), static_cast<size_t>(size)});
  }
};

IceAgent::IceAgent(Loop& loop, const Setup& setup, Events& events)
    : agent_(nice_agent_new_full(loop.context(), NICE_COMPATIBILITY_RFC5245,
                                 NICE_AGENT_OPTION_CONSENT_FRESHNESS)),
      events_(events),
      relay_only_(setup.relay_only) {
  SWARMCAST_CHECK(agent_ != nullptr && !setup.addresses.empty());
  g_object_set(agent_, "controlling-mode", setup.controlling ? TRUE : FALSE, "ice-tcp", FALSE,
               "upnp", FALSE, "keepalive-conncheck", TRUE, "force-relay",
               setup.relay_only ? TRUE : FALSE, "stun-pacing-timer",
               static_cast<guint>(setup.profile.pacing.ms()), "stun-initial-timeout",
               static_cast<guint>(setup.profile.stun_timeout.ms()), "stun-max-retransmissions",
               setup.profile.stun_tries, nullptr);
  for (const Endpoint& address : setup.addresses) {
    NiceAddress nice = to_nice(address);
    nice_agent_add_local_address(agent_, &nice);
    on_loopback_ = on_loopback_ || is_loopback(address);
  }
  stream_ = nice_agent_add_stream(agent_, kComponent);
  set_up_servers(setup);
  g_signal_connect(agent_, "candidate-gathering-done", G_CALLBACK(Callbacks::gathered), this);
  g_signal_connect(agent_, "new-candidate-full", G_CALLBACK(Callbacks::candidate), this);
  g_signal_connect(agent_, "new-selected-pair-full", G_CALLBACK(Callbacks::selected), this);
  g_signal_connect(agent_, "component-state-changed", G_CALLBACK(Callbacks::state), this);
  nice_agent_attach_recv(agent_, stream_, kComponent, loop.context(), Callbacks::datagram, this);
  if (!nice_agent_gather_candidates(agent_, stream_)) gathered_ = true;
}

void IceAgent::set_up_servers(const Setup& setup) {
  if (!setup.stun.empty()) {
    const Endpoint& server = setup.stun.front().endpoint;
    g_object_set(agent_, "stun-server", address_text(server).c_str(), "stun-server-port",
                 static_cast<guint>(server.port), nullptr);
  }
  for (const TurnServer& server : setup.turn) {
    nice_agent_set_relay_info(agent_, stream_, kComponent, address_text(server.endpoint).c_str(),
                              server.endpoint.port, server.user.c_str(), server.password.c_str(),
                              server.tcp ? NICE_RELAY_TYPE_TURN_TCP : NICE_RELAY_TYPE_TURN_UDP);
  }
}

IceAgent::~IceAgent() {
  g_signal_handlers_disconnect_by_data(agent_, this);
  nice_agent_attach_recv(agent_, stream_, kComponent, nullptr, nullptr, nullptr);
  // Gives relayed addresses back to their servers, and lives on until that is done.
  nice_agent_close_async(agent_, nullptr, nullptr);
  g_object_unref(agent_);
}

void IceAgent::describe(LinkDescription& description) const {
  gchar* ufrag = nullptr;
  gchar* password = nullptr;
  const bool known = nice_agent_get_local_credentials(agent_, stream_, &ufrag, &password);
  SWARMCAST_CHECK(known && description.ufrag.set(ufrag) && description.password.set(password));
  g_free(ufrag);
  g_free(password);
  std::vector<Candidate> all;
  GSList* list = nice_agent_get_local_candidates(agent_, stream_, kComponent);
  for (const GSList* i = list; i != nullptr; i = i->next) {
    const auto& candidate = *static_cast<const NiceCandidate*>(i->data);
    if (candidate.transport != NICE_CANDIDATE_TRANSPORT_UDP ||
        candidate.type == NICE_CANDIDATE_TYPE_PEER_REFLEXIVE ||
        (relay_only_ && candidate.type != NICE_CANDIDATE_TYPE_RELAYED)) {
      continue;
    }
    all.push_back({type_of(candidate), from_nice(candidate.addr), candidate.priority});
  }
  free_candidates(list);
  add_best(std::move(all), description);
}

// A peer chooses where our checks go: not to a group, and not to services of this host.
bool IceAgent::usable(const Endpoint& remote) const {
  return remote.port != 0 && !is_unspecified(remote) && !is_multicast(remote) &&
         (on_loopback_ || !is_loopback(remote));
}

bool IceAgent::set_remote(const LinkDescription& description) {
  if (!description.complete()) return false;
  const bool first = !remote_.complete();
  if (!first && (remote_.ufrag != description.ufrag || remote_.password != description.password)) {
    return false;
  }
  if (first) {
    nice_agent_set_remote_credentials(agent_, stream_,
                                      std::string(description.ufrag.view()).c_str(),
                                      std::string(description.password.view()).c_str());
  }
  remote_ = description;
  GSList* list = nullptr;
  for (const Candidate& candidate : description.candidates()) {
    if (candidate.type == CandidateType::kHidden) continue;
    if (!usable(candidate.endpoint)) continue;
    list = g_slist_append(list, to_candidate(candidate, stream_, description).release());
  }
  nice_agent_set_remote_candidates(agent_, stream_, kComponent, list);
  free_candidates(list);
  return true;
}

PathKind IceAgent::path() const {
  NiceCandidate* local = nullptr;
  NiceCandidate* remote = nullptr;
  if (!nice_agent_get_selected_pair(agent_, stream_, kComponent, &local, &remote)) {
    return PathKind::kDirect;
  }
  if (local->type == NICE_CANDIDATE_TYPE_RELAYED) return PathKind::kRelayed;
  CandidateType there = type_of(*remote);
  // Packets may come before the description that says what their address is.
  const Endpoint endpoint = from_nice(remote->addr);
  for (const Candidate& candidate : remote_.candidates()) {
    if (candidate.endpoint == endpoint) there = candidate.type;
  }
  if (there == CandidateType::kRelayed) return PathKind::kRelayed;
  return there == CandidateType::kHost && local->type == NICE_CANDIDATE_TYPE_HOST
             ? PathKind::kDirect
             : PathKind::kNat;
}

Endpoint IceAgent::remote_endpoint() const {
  NiceCandidate* local = nullptr;
  NiceCandidate* remote = nullptr;
  if (!nice_agent_get_selected_pair(agent_, stream_, kComponent, &local, &remote)) return {};
  return from_nice(remote->addr);
}

void IceAgent::settle() {
  g_object_set(agent_, "stun-pacing-timer", static_cast<guint>(kSettledPacing.ms()), nullptr);
}

bool IceAgent::send(ByteSpan datagram) {
  return nice_agent_send(agent_, stream_, kComponent, static_cast<guint>(datagram.size()),
                         reinterpret_cast<const gchar*>(datagram.data())) > 0;
}

}  // namespace swarmcast::transport
