// subject WAY [--bare]: puts the 32 bytes that come on stdin into every kind of memory, waits for
// another byte, and ends in that way; with --bare without the last wipe.
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <string>
#include <string_view>
#include <thread>

#include "engine/base/check.h"
#include "host/platform/last_wipe.h"
#include "host/platform/private_process.h"

namespace {

constexpr size_t kSize = 32;
unsigned char in_bss[kSize];
unsigned char in_data[kSize] = {1};
thread_local unsigned char in_thread_storage[kSize];

void copy(volatile unsigned char* to, const unsigned char* from) {
  for (size_t i = 0; i < kSize; ++i) to[i] = from[i];
}

// Writes it again and again out of the processor's registers, deaf to every signal, as a codec's
// thread would: who wipes beside it wipes in vain.
void keep_writing(const unsigned char* canary, std::atomic<int>* ready) {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
  uint64_t words[kSize / 8];
  memcpy(words, canary, kSize);
  uint64_t a = words[0], b = words[1], c = words[2], d = words[3];
  explicit_bzero(words, sizeof words);
  [[maybe_unused]] volatile uint64_t on_stack[kSize / 8];
  for (bool first = true;; first = false) {
    on_stack[0] = a;
    on_stack[1] = b;
    on_stack[2] = c;
    on_stack[3] = d;
    asm volatile("" : "+r"(a), "+r"(b), "+r"(c), "+r"(d));
    if (first) ready->fetch_add(1);
  }
}

void wait_deaf(const unsigned char* canary, std::atomic<int>* ready) {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
  volatile unsigned char on_stack[kSize];
  copy(on_stack, canary);
  copy(in_thread_storage, canary);
  ready->fetch_add(1);
  for (;;) pause();
}

volatile int* volatile nowhere = nullptr;

[[gnu::noipa]] int recurse(int depth) {
  volatile char room[4'096];
  room[0] = static_cast<char>(depth);
  return depth < 0 ? 0 : recurse(depth + 1) + room[0];
}

int end(std::string_view way) {
  if (way == "exit") exit(7);
  if (way == "thread-exit") std::thread([] { exit(7); }).join();
  if (way == "check") SWARMCAST_CHECK(way.empty());
  if (way == "fault") *nowhere = 1;
  if (way == "thread-fault") std::thread([] { *nowhere = 1; }).join();
  if (way == "two-faults") {
    std::thread other([] { *nowhere = 1; });
    *nowhere = 1;
    other.join();
  }
  if (way == "overflow") return recurse(0);
  if (way == "abort") abort();
  if (way == "terminate") std::terminate();
  if (way == "memory") {
    const rlimit least{.rlim_cur = 100 << 20, .rlim_max = 100 << 20};
    setrlimit(RLIMIT_AS, &least);
    for (;;)
      static_cast<void>(*new volatile char[1 << 20]);  // std::bad_alloc, which nobody catches
  }
  if (way == "hang") {
    swarmcast::platform::wipe_unless_ended_within(1);
    pause();
  }
  if (way == "signal")
    for (;;) pause();
  return 7;
}

int run(std::string_view way, bool wiping) {
  swarmcast::platform::forbid_inspection();
  if (wiping) swarmcast::platform::wipe_at_every_end();
  unsigned char canary[kSize];
  if (read(STDIN_FILENO, canary, kSize) != static_cast<ssize_t>(kSize)) return 2;
  copy(in_bss, canary);
  copy(in_data, canary);
  copy(in_thread_storage, canary);
  copy(static_cast<unsigned char*>(malloc(100)), canary);
  constexpr size_t kLarge = 1 << 20;
  for (const int flags : {MAP_PRIVATE | MAP_ANONYMOUS, MAP_SHARED | MAP_ANONYMOUS}) {
    void* const large = mmap(nullptr, kLarge, PROT_READ | PROT_WRITE, flags, -1, 0);
    memset(large, 0x55, kLarge);
    copy(static_cast<unsigned char*>(large) + kLarge / 2, canary);
  }
  std::atomic<int> ready{0};
  std::thread(keep_writing, canary, &ready).detach();
  std::thread(wait_deaf, canary, &ready).detach();
  while (ready < 2) std::this_thread::yield();
  puts(R"({"event":"ready"})");
  fflush(stdout);
  char go;
  if (read(STDIN_FILENO, &go, 1) != 1) return 2;
  fputs(R"({"event":"ending"})", stdout);  // exit() has to write this
  return end(way);
}

}  // namespace

int main(int argc, char** argv) {
  return argc < 2 ? 2 : run(argv[1], argc < 3 || strcmp(argv[2], "--bare") != 0);
}
