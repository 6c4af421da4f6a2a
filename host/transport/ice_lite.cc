#include "host/transport/ice_lite.h"

#include <stun/stunagent.h>
#include <sys/socket.h>

#include <cstring>
#include <utility>

#include "engine/base/check.h"
#include "host/transport/bound_socket.h"

namespace swarmcast::transport {
namespace {

constexpr size_t kHeaderSize = 20;
constexpr size_t kIdOffset = 4;  // libnice counts the magic cookie to the transaction id
constexpr size_t kTransactionOffset = 8;
// Ours is the only candidate: host type, highest preference (RFC 8445, 5.1.2.1).
constexpr uint32_t kPriority = 0x7eff'ffff;
// The dialler's own half of USERNAME: nobody sends checks towards it.
constexpr std::string_view kDiallerUfrag = ":dial";

struct Check {
  const IceLite::Lookup& lookup;
  std::optional<DialCredentials> credentials;
};

// Called by libnice with USERNAME, to learn the key of MESSAGE-INTEGRITY.
bool find_password(StunAgent*, StunMessage*, uint8_t* username, uint16_t size, uint8_t** password,
                   size_t* password_size, void* user_data) {
  auto& check = *static_cast<Check*>(user_data);
  const std::string_view text(reinterpret_cast<const char*>(username), size);
  check.credentials = check.lookup(text.substr(0, text.find(':')));
  if (!check.credentials) return false;
  *password = reinterpret_cast<uint8_t*>(check.credentials->password.data());
  *password_size = check.credentials->password.size();
  return true;
}

bool append_address(StunMessage& message, const Endpoint& endpoint) {
  sockaddr_storage address{};
  const socklen_t size = to_sockaddr(endpoint, address);
  return stun_message_append_xor_addr(&message, STUN_ATTRIBUTE_XOR_MAPPED_ADDRESS, &address,
                                      size) == STUN_MESSAGE_RETURN_SUCCESS;
}

}  // namespace

struct IceLite::Agent {
  StunAgent stun;
};

IceLite::IceLite() : agent_(std::make_unique<Agent>()) {
  stun_agent_init(&agent_->stun, STUN_ALL_KNOWN_ATTRIBUTES, STUN_COMPATIBILITY_RFC5389,
                  static_cast<StunAgentUsageFlags>(STUN_AGENT_USAGE_SHORT_TERM_CREDENTIALS |
                                                   STUN_AGENT_USAGE_USE_FINGERPRINT));
}

IceLite::~IceLite() = default;

bool IceLite::is_request(ByteSpan datagram) {
  return datagram.size() >= kHeaderSize && datagram[0] == 0 && datagram[1] == STUN_BINDING;
}

std::optional<DialCredentials> IceLite::answer(ByteSpan datagram, const Endpoint& from,
                                               const Lookup& lookup, MutableByteSpan& answer) {
  const MutableByteSpan buffer = std::exchange(answer, {});
  if (!is_request(datagram)) return std::nullopt;
  Check check{lookup, std::nullopt};
  StunMessage request{};
  const StunValidationStatus status = stun_agent_validate(&agent_->stun, &request, datagram.data(),
                                                          datagram.size(), find_password, &check);
  if (status != STUN_VALIDATION_SUCCESS || !check.credentials) return std::nullopt;

  StunMessage response{};
  SWARMCAST_CHECK(buffer.size() >= kMaxStunSize);
  const bool conflict = stun_message_has_attribute(&request, STUN_ATTRIBUTE_ICE_CONTROLLED);
  const bool begun = conflict
                         ? stun_agent_init_error(&agent_->stun, &response, buffer.data(),
                                                 buffer.size(), &request, STUN_ERROR_ROLE_CONFLICT)
                         : stun_agent_init_response(&agent_->stun, &response, buffer.data(),
                                                    buffer.size(), &request) &&
                               append_address(response, from);
  const size_t size = begun ? stun_agent_finish_message(&agent_->stun, &response, nullptr, 0) : 0;
  if (size == 0) return std::nullopt;
  answer = buffer.first(size);
  return conflict ? std::nullopt : check.credentials;
}

MutableByteSpan IceLite::request(const DialCredentials& listener,
                                 const StunTransaction& transaction, uint64_t tie_breaker,
                                 MutableByteSpan out) {
  SWARMCAST_CHECK(out.size() >= kMaxStunSize);
  StunAgent& agent = agent_->stun;
  StunMessage message{};
  Bytes<kUfragSize + kDiallerUfrag.size()> username;
  std::memcpy(username.data(), listener.ufrag.data(), kUfragSize);
  std::memcpy(username.data() + kUfragSize, kDiallerUfrag.data(), kDiallerUfrag.size());
  bool ok = stun_agent_init_request(&agent, &message, out.data(), out.size(), STUN_BINDING);
  std::memcpy(out.data() + kTransactionOffset, transaction.data(), transaction.size());
  auto good = [&ok](StunMessageReturn result) { ok = ok && result == STUN_MESSAGE_RETURN_SUCCESS; };
  good(stun_message_append_bytes(&message, STUN_ATTRIBUTE_USERNAME, username.data(),
                                 username.size()));
  good(stun_message_append32(&message, STUN_ATTRIBUTE_PRIORITY, kPriority));
  good(stun_message_append_flag(&message, STUN_ATTRIBUTE_USE_CANDIDATE));
  good(stun_message_append64(&message, STUN_ATTRIBUTE_ICE_CONTROLLING, tie_breaker));
  const auto* key = reinterpret_cast<const uint8_t*>(listener.password.data());
  const size_t size = stun_agent_finish_message(&agent, &message, key, listener.password.size());
  SWARMCAST_CHECK(ok && size != 0);
  // The agent would keep a pointer to the key until the answer comes; we bring it then.
  StunTransactionId id;
  stun_message_id(&message, id);
  stun_agent_forget_transaction(&agent, id);
  return out.first(size);
}

bool IceLite::is_answer(ByteSpan datagram, const DialCredentials& listener,
                        const StunTransaction& transaction) {
  if (datagram.size() < kHeaderSize ||
      !equal(datagram.subspan(kTransactionOffset, transaction.size()), transaction)) {
    return false;
  }
  StunAgent& agent = agent_->stun;
  DialCredentials credentials = listener;
  StunAgentSavedIds& saved = agent.sent_ids[0];
  std::memcpy(saved.id, datagram.data() + kIdOffset, sizeof saved.id);
  saved.method = STUN_BINDING;
  saved.key = reinterpret_cast<uint8_t*>(credentials.password.data());
  saved.key_len = credentials.password.size();
  saved.long_term_valid = false;
  saved.valid = true;
  StunMessage message{};
  const StunValidationStatus status =
      stun_agent_validate(&agent, &message, datagram.data(), datagram.size(), nullptr, nullptr);
  saved = {};
  return status == STUN_VALIDATION_SUCCESS && stun_message_get_class(&message) == STUN_RESPONSE &&
         stun_message_get_method(&message) == STUN_BINDING &&
         stun_message_has_attribute(&message, STUN_ATTRIBUTE_MESSAGE_INTEGRITY);
}

}  // namespace swarmcast::transport
