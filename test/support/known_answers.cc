#include "test/support/known_answers.h"

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

namespace swarmcast {
namespace {

const nlohmann::json& json_of(const void* json) {
  return *static_cast<const nlohmann::json*>(json);
}

}  // namespace

KnownAnswer known_answers(const std::string& name) {
  static std::map<std::string, nlohmann::json> cache;
  const auto [entry, is_new] = cache.try_emplace(name);
  if (is_new) {
    std::ifstream in(std::string(SWARMCAST_SOURCE_DIR) + "/spec/vectors/" + name + ".json");
    if (!in) throw std::runtime_error("no vectors named " + name);
    entry->second = nlohmann::json::parse(in);
  }
  return KnownAnswer(&entry->second);
}

KnownAnswer KnownAnswer::at(const std::string& key) const {
  return KnownAnswer(&json_of(json_).at(key));
}

KnownAnswer KnownAnswer::operator[](size_t index) const {
  return KnownAnswer(&json_of(json_).at(index));
}

size_t KnownAnswer::size() const { return json_of(json_).size(); }
bool KnownAnswer::is_null() const { return json_of(json_).is_null(); }
std::string KnownAnswer::text() const { return json_of(json_).get<std::string>(); }
int64_t KnownAnswer::number() const { return json_of(json_).get<int64_t>(); }
bool KnownAnswer::boolean() const { return json_of(json_).get<bool>(); }
std::string KnownAnswer::dump() const { return json_of(json_).dump(); }

std::vector<uint8_t> from_hex(const std::string& hex) {
  std::vector<uint8_t> bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes.push_back(static_cast<uint8_t>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  return bytes;
}

std::string to_hex(ByteSpan bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (uint8_t b : bytes) {
    out += kDigits[b >> 4];
    out += kDigits[b & 15];
  }
  return out;
}

FrameHeader header_from(const KnownAnswer& v) {
  return {.id = {TrackId(v.at("track")), FrameNumber(v.at("number"))},
          .index_in_chunk = v.at("index_in_chunk"),
          .temporal_id = v.at("temporal"),
          .key = v.at("key"),
          .depends_on = v.at("depends_on"),
          .epoch = v.at("epoch"),
          .capture = StreamTime::from_us(v.at("capture")),
          .sealed_size = v.at("sealed_size"),
          .k = v.at("k"),
          .r = v.at("r")};
}

}  // namespace swarmcast
