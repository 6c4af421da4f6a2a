// The known answers under spec/vectors/*.json, for tests. The JSON library stays behind this
// header: it would be most of what compiling a test costs.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <ostream>
#include <stdexcept>
#include <string>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/frame.h"

namespace swarmcast {

// A JSON value in one of those files, valid as long as the program runs. What is missing or of
// another type throws.
class KnownAnswer {
 public:
  explicit KnownAnswer(const void* json) : json_(json) {}

  KnownAnswer at(const std::string& key) const;
  KnownAnswer operator[](size_t index) const;
  size_t size() const;
  bool is_null() const;

  std::string text() const;
  int64_t number() const;
  bool boolean() const;

  template <typename T>
    requires(std::same_as<T, std::string> || std::integral<T>)
  T get() const {
    if constexpr (std::same_as<T, std::string>)
      return text();
    else if constexpr (std::same_as<T, bool>)
      return boolean();
    else
      return static_cast<T>(number());
  }
  template <typename T>
    requires(std::same_as<T, std::string> || std::integral<T>)
  operator T() const {
    return get<T>();
  }

  friend bool operator==(const KnownAnswer& a, const std::string& b) { return a.text() == b; }
  friend std::ostream& operator<<(std::ostream& out, const KnownAnswer& a) {
    return out << a.dump();
  }

  class Iterator;
  Iterator begin() const;
  Iterator end() const;

 private:
  std::string dump() const;
  const void* json_;
};

class KnownAnswer::Iterator {
 public:
  Iterator(KnownAnswer list, size_t index) : list_(list), index_(index) {}
  KnownAnswer operator*() const { return list_[index_]; }
  Iterator& operator++() {
    ++index_;
    return *this;
  }
  bool operator==(const Iterator& other) const { return index_ == other.index_; }

 private:
  KnownAnswer list_;
  size_t index_;
};

inline KnownAnswer::Iterator KnownAnswer::begin() const { return {*this, 0}; }
inline KnownAnswer::Iterator KnownAnswer::end() const { return {*this, size()}; }

// spec/vectors/`name`.json. Throws if it is missing or broken.
KnownAnswer known_answers(const std::string& name);

std::vector<uint8_t> from_hex(const std::string& hex);
std::string to_hex(ByteSpan bytes);

// Exactly N bytes; throws otherwise.
template <size_t N>
Bytes<N> array_from_hex(const std::string& hex) {
  const std::vector<uint8_t> bytes = from_hex(hex);
  if (bytes.size() != N) throw std::runtime_error("vector of the wrong size: " + hex);
  Bytes<N> out;
  std::copy(bytes.begin(), bytes.end(), out.begin());
  return out;
}

// The "header" objects of the vectors.
FrameHeader header_from(const KnownAnswer& v);

}  // namespace swarmcast
