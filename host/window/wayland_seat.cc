#include "host/window/wayland_seat.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include "host/media/clock.h"

namespace swarmcast::window {
namespace {

// The wire protocol of Wayland: words in the machine's own order. Each message is
//   | object | size << 16 | opcode | arguments ...
// https://wayland.freedesktop.org/docs/html/ch04.html
constexpr uint32_t kDisplay = 1, kRegistry = 2, kCallback = 3;
constexpr uint32_t kSync = 0, kGetRegistry = 1;  // requests to the display
constexpr uint32_t kGlobal = 0, kDone = 0;       // events of the registry, of the callback
constexpr size_t kHeader = 8;
constexpr size_t kGlobalName = 4, kStringLength = 4;
constexpr size_t kMaxMessage = 4'096;
constexpr std::string_view kSeat = "wl_seat";
constexpr int64_t kPatience = 1'000'000;  // microseconds

bool read_all(int socket, uint8_t* out, size_t size, int64_t until_us) {
  while (size > 0) {
    const int64_t left_us = until_us - media::monotonic_us();
    pollfd one{socket, POLLIN, 0};
    if (left_us <= 0 || poll(&one, 1, static_cast<int>(left_us / 1'000) + 1) <= 0) return false;
    const ssize_t n = recv(socket, out, size, MSG_DONTWAIT);
    if (n <= 0) return false;
    out += n;
    size -= static_cast<size_t>(n);
  }
  return true;
}

uint32_t word(const uint8_t* at) {
  uint32_t out = 0;
  std::memcpy(&out, at, sizeof out);
  return out;
}

// Of a registry's global event: its number, the length of its interface's name, the name, ...
bool names_seat(const uint8_t* arguments, size_t size) {
  constexpr size_t kStart = kGlobalName + kStringLength;
  if (size < kStart) return false;
  const size_t length = word(arguments + kGlobalName);  // with the zero at its end
  if (length != kSeat.size() + 1 || length > size - kStart) return false;
  return std::memcmp(arguments + kStart, kSeat.data(), kSeat.size()) == 0;
}

}  // namespace

bool has_seat(int socket) {
  constexpr uint32_t kSize = (kHeader + sizeof(uint32_t)) << 16;
  constexpr std::array<uint32_t, 6> kAsk = {kDisplay, kSize | kGetRegistry, kRegistry,
                                            kDisplay, kSize | kSync,        kCallback};
  if (send(socket, kAsk.data(), sizeof kAsk, MSG_NOSIGNAL) != sizeof kAsk) return false;
  const int64_t until_us = media::monotonic_us() + kPatience;
  std::array<uint8_t, kMaxMessage> message{};
  while (read_all(socket, message.data(), kHeader, until_us)) {
    const uint32_t object = word(message.data());
    const uint32_t second = word(message.data() + 4);
    const size_t size = second >> 16;
    const uint32_t opcode = second & 0xffff;
    if (size < kHeader || size > kMaxMessage) return false;
    uint8_t* const arguments = message.data() + kHeader;
    if (!read_all(socket, arguments, size - kHeader, until_us)) return false;
    if (object == kCallback && opcode == kDone) return false;  // that was all
    if (object == kRegistry && opcode == kGlobal && names_seat(arguments, size - kHeader))
      return true;
  }
  return false;
}

bool wayland_has_seat() {
  const char* const display = std::getenv("WAYLAND_DISPLAY");
  const char* const folder = std::getenv("XDG_RUNTIME_DIR");
  std::string path = display && *display ? display : "wayland-0";
  if (!path.starts_with('/')) path = std::string(folder ? folder : "") + "/" + path;
  sockaddr_un there{};
  there.sun_family = AF_UNIX;
  if (path.size() >= sizeof there.sun_path) return false;
  std::ranges::copy(path, there.sun_path);
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  const bool found =
      connect(fd, reinterpret_cast<const sockaddr*>(&there), sizeof there) == 0 && has_seat(fd);
  close(fd);
  return found;
}

}  // namespace swarmcast::window
