#include "test/interop/node/description_json.h"

#include "host/transport/endpoint_text.h"

namespace swarmcast::interop {
namespace {

constexpr const char* kTypes[] = {"host", "srflx", "relay"};  // by CandidateType

bool read_hex(const std::string& text, MutableByteSpan out) {
  if (text.size() != 2 * out.size()) return false;
  for (size_t i = 0; i < out.size(); ++i) {
    char* end = nullptr;
    const std::string byte = text.substr(2 * i, 2);
    out[i] = static_cast<uint8_t>(std::strtoul(byte.c_str(), &end, 16));
    if (*end != '\0') return false;
  }
  return true;
}

std::optional<Candidate> read_candidate(const nlohmann::json& json) {
  const auto type = std::ranges::find(kTypes, json.at("type").get<std::string>());
  const auto endpoint = transport::parse_endpoint(json.at("endpoint").get<std::string>());
  if (type == std::end(kTypes) || !endpoint) return std::nullopt;
  return Candidate{static_cast<CandidateType>(type - std::begin(kTypes)), *endpoint,
                   json.at("priority").get<uint32_t>()};
}

}  // namespace

std::string hex(ByteSpan bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (uint8_t byte : bytes) {
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
  return out;
}

nlohmann::json write_description(const LinkDescription& description) {
  auto candidates = nlohmann::json::array();
  for (const Candidate& candidate : description.candidates()) {
    candidates.push_back({{"type", kTypes[static_cast<size_t>(candidate.type)]},
                          {"endpoint", transport::to_text(candidate.endpoint)},
                          {"priority", candidate.priority}});
  }
  return {{"ufrag", description.ufrag.view()},
          {"password", description.password.view()},
          {"fingerprint", hex(description.fingerprint)},
          {"native", description.native},
          {"candidates", candidates}};
}

std::optional<LinkDescription> read_description(const nlohmann::json& json) {
  LinkDescription out;
  const bool ok = out.ufrag.set(json.at("ufrag").get<std::string>()) &&
                  out.password.set(json.at("password").get<std::string>()) &&
                  read_hex(json.at("fingerprint"), out.fingerprint);
  if (!ok) return std::nullopt;
  out.native = json.at("native");
  for (const auto& each : json.at("candidates")) {
    const auto candidate = read_candidate(each);
    if (!candidate) return std::nullopt;
    out.add(*candidate);
  }
  return out;
}

}  // namespace swarmcast::interop
