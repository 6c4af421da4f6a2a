// Formatted text for people. What cannot be written is lost: fmt's own print() would throw.
#pragma once

#include <fmt/format.h>

#include <cstdio>
#include <utility>

namespace swarmcast::cli {

template <typename... Args>
void print(std::FILE* out, fmt::format_string<Args...> format, Args&&... args) {
  std::fputs(fmt::format(format, std::forward<Args>(args)...).c_str(), out);
}

}  // namespace swarmcast::cli
