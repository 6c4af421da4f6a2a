// The machine as the doctor's probes see it. Tests put a fabricated tree in its place.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace swarmcast::doctor {

struct Machine {
  // Before every path; empty is the machine itself. A test's folder holds proc/, sys/, dev/ ...
  std::string root;
  // True if this user may read and write the device or socket at that path.
  std::function<bool(const std::string& path)> may_use;
  // An environment variable; empty if it is not set.
  std::function<std::string(const char* name)> environment;

  // The machine we run on.
  static Machine real();

  // The first 64 KiB of a file; nullopt if it cannot be read.
  std::optional<std::string> read(std::string_view path) const;
  // The same without white space around it.
  std::optional<std::string> read_word(std::string_view path) const;
  // The first line that contains `part`, of a file of any length up to 1 MiB.
  std::optional<std::string> find_line(std::string_view path, std::string_view part) const;
  bool exists(std::string_view path) const;
  // Where a symbolic link points to, as it stands; nullopt if it is none.
  std::optional<std::string> link_target(std::string_view path) const;
  // The names in a folder, sorted, at most 256; none if there is no such folder.
  std::vector<std::string> list(std::string_view path) const;
};

std::vector<std::string> split_lines(std::string_view text);
// Split at blanks and tabs.
std::vector<std::string> split_words(std::string_view text);

}  // namespace swarmcast::doctor
