#include "host/media/media_thread.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>

namespace swarmcast::media {
namespace {

// glibc keeps the stacks of ended threads for the next ones; codecs leave rows of pictures there.
constexpr size_t kWipedStack = 512 * 1024;

[[gnu::noinline]] void wipe_stack() {
  unsigned char below[kWipedStack];
  explicit_bzero(below, sizeof below);
}

void block_signals() {
  sigset_t all;
  sigfillset(&all);
  // Faults must still reach their handlers.
  for (int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP}) sigdelset(&all, fault);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

}  // namespace

MediaThread::MediaThread(const char* name, std::function<void()> body)
    : thread_([name, run = std::move(body)]() mutable {
        pthread_setname_np(pthread_self(), name);
        block_signals();
        run();
        run = nullptr;
        wipe_stack();
      }) {}

void run_abandonable(const char* name, std::function<void()> body) {
  std::thread([name, run = std::move(body)] {
    pthread_setname_np(pthread_self(), name);
    block_signals();
    run();
  }).detach();
}

}  // namespace swarmcast::media
