// Reads the known answers under spec/vectors/*.json (tests only).
#pragma once

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/frame.h"

namespace swarmcast {

// spec/vectors/`name`.json, kept: loops may hold references into it. Throws if it is missing or
// broken.
inline const nlohmann::json& json_vectors(const std::string& name) {
  static std::map<std::string, nlohmann::json> cache;
  const auto [entry, is_new] = cache.try_emplace(name);
  if (is_new) {
    std::ifstream in(std::string(SWARMCAST_SOURCE_DIR) + "/spec/vectors/" + name + ".json");
    if (!in) throw std::runtime_error("no vectors named " + name);
    entry->second = nlohmann::json::parse(in);
  }
  return entry->second;
}

inline std::vector<uint8_t> from_hex(const std::string& hex) {
  std::vector<uint8_t> bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes.push_back(static_cast<uint8_t>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  return bytes;
}

// Exactly N bytes; throws otherwise.
template <size_t N>
Bytes<N> array_from_hex(const std::string& hex) {
  const std::vector<uint8_t> bytes = from_hex(hex);
  if (bytes.size() != N) throw std::runtime_error("vector of the wrong size: " + hex);
  Bytes<N> out;
  std::copy(bytes.begin(), bytes.end(), out.begin());
  return out;
}

inline std::string to_hex(ByteSpan bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (uint8_t b : bytes) {
    out += kDigits[b >> 4];
    out += kDigits[b & 15];
  }
  return out;
}

// The "header" objects of the vectors.
inline FrameHeader header_from_json(const nlohmann::json& j) {
  return {.id = {TrackId(j.at("track")), FrameNumber(j.at("number"))},
          .index_in_chunk = j.at("index_in_chunk"),
          .temporal_id = j.at("temporal"),
          .key = j.at("key"),
          .depends_on = j.at("depends_on"),
          .epoch = j.at("epoch"),
          .capture = StreamTime::from_us(j.at("capture")),
          .sealed_size = j.at("sealed_size"),
          .k = j.at("k"),
          .r = j.at("r")};
}

}  // namespace swarmcast
