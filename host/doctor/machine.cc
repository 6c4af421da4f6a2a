#include "host/doctor/machine.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace swarmcast::doctor {
namespace {

constexpr size_t kMaxFileSize = 64 << 10;
constexpr size_t kMaxSearched = 1 << 20;
constexpr size_t kMaxNames = 256;
constexpr std::string_view kBlanks = " \t\r\n";

std::vector<std::string> split(std::string_view text, std::string_view separators) {
  std::vector<std::string> out;
  while (true) {
    const size_t begin = text.find_first_not_of(separators);
    if (begin == text.npos) return out;
    const size_t end = std::min(text.find_first_of(separators, begin), text.size());
    out.emplace_back(text.substr(begin, end - begin));
    text.remove_prefix(end);
  }
}

}  // namespace

Machine Machine::real() {
  return {.root = "",
          .may_use =
              [](const std::string& path) {
                return faccessat(AT_FDCWD, path.c_str(), R_OK | W_OK, AT_EACCESS) == 0;
              },
          .environment =
              [](const char* name) {
                const char* value = std::getenv(name);
                return std::string(value ? value : "");
              }};
}

std::optional<std::string> Machine::read(std::string_view path) const {
  std::ifstream file(root + std::string(path), std::ios::binary);
  if (!file) return std::nullopt;
  std::string out(kMaxFileSize, '\0');
  file.read(out.data(), static_cast<std::streamsize>(out.size()));
  if (file.bad()) return std::nullopt;
  out.resize(static_cast<size_t>(file.gcount()));
  return out;
}

std::optional<std::string> Machine::read_word(std::string_view path) const {
  const auto text = read(path);
  if (!text) return std::nullopt;
  const size_t begin = text->find_first_not_of(kBlanks);
  if (begin == text->npos) return "";
  return text->substr(begin, text->find_last_not_of(kBlanks) - begin + 1);
}

std::optional<std::string> Machine::find_line(std::string_view path, std::string_view part) const {
  std::ifstream file(root + std::string(path));
  size_t searched = 0;
  for (std::string line; searched < kMaxSearched && std::getline(file, line);) {
    if (line.find(part) != line.npos) return line;
    searched += line.size() + 1;
  }
  return std::nullopt;
}

bool Machine::exists(std::string_view path) const {
  std::error_code error;
  return std::filesystem::exists(root + std::string(path), error);
}

std::optional<std::string> Machine::link_target(std::string_view path) const {
  std::error_code error;
  const auto target = std::filesystem::read_symlink(root + std::string(path), error);
  return error ? std::nullopt : std::optional(target.string());
}

std::vector<std::string> Machine::list(std::string_view path) const {
  std::vector<std::string> out;
  std::error_code error;
  std::filesystem::directory_iterator entries(root + std::string(path), error);
  const std::filesystem::directory_iterator end;
  for (; !error && entries != end && out.size() < kMaxNames; entries.increment(error)) {
    out.push_back(entries->path().filename().string());
  }
  std::ranges::sort(out);
  return out;
}

std::vector<std::string> split_lines(std::string_view text) { return split(text, "\n"); }
std::vector<std::string> split_words(std::string_view text) { return split(text, kBlanks); }

}  // namespace swarmcast::doctor
