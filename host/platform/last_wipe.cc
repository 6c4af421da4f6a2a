#include "host/platform/last_wipe.h"

#include <fcntl.h>
#include <linux/time_types.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdio>

#include "host/platform/raw_system.h"

// Nor may a loop that looks like memset() become a call of it.
#if !defined(__clang__)
#pragma GCC optimize("no-tree-loop-distribute-patterns")
#endif

namespace swarmcast::platform {
namespace {

#if defined(__SANITIZE_ADDRESS__)
constexpr bool kWipes = false;
#else
constexpr bool kWipes = true;
#endif

// --- what the wipe itself needs, all that it leaves alone --------------------------------------

constexpr size_t kLargestPage = 64 * 1'024;  // of any processor's kernel
constexpr size_t kStack = 64 * 1'024;
constexpr size_t kMaxThreads = 1'024;
constexpr size_t kPagesAtOnce = 8'192;

struct alignas(kLargestPage) Arena {
  unsigned char stack[kStack];
  char text[16 * 1'024];  // of /proc/self/maps, or of /proc/self/task
  unsigned char resident[kPagesAtOnce];
  size_t page;
  int threads[kMaxThreads];  // that were told to stop
  size_t thread_count;
  std::atomic<unsigned> stopped;
};
Arena arena;

// How the process is to end: a signal, or an exit code.
constexpr long kBySignal = 1L << 32;

// Set once, by the thread that wipes.
std::atomic_flag begun = ATOMIC_FLAG_INIT;
std::atomic<bool> armed{false};

// The kernel's own form: glibc's calls would refuse the signal that stops threads.
struct KernelAction {
  void (*handler)(int);
  unsigned long flags;
  void (*restorer)();
  unsigned long mask;
};
constexpr size_t kMaskSize = sizeof(unsigned long);
constexpr unsigned long kAllSignals = ~0ul;
constexpr unsigned long mask_of(int number) { return 1ul << (number - 1); }

// glibc keeps this one for setuid(2) in programs of several threads, and lets no thread block it:
// GLib's and our own threads block all others.
constexpr int kStopSignal = 33;

// How long threads have to stop; one that hangs in the kernel does not hold up the wipe.
constexpr int kStopTries = 100;
constexpr long kStopWaitNs = 1'000'000;
// How long the wipe may take. It takes some 20 ms; after this the process just dies.
constexpr long kWipeSeconds = 3;

void set_action(int number, void (*handler)(int)) {
#if defined(__x86_64__)
  // The kernel refuses handlers without a restorer there; ours never return.
  constexpr unsigned long kRestorer = 0x04000000;
  const KernelAction action{handler, kRestorer, [] {}, kAllSignals};
#else
  const KernelAction action{handler, 0, nullptr, kAllSignals};
#endif
  raw::call(SYS_rt_sigaction, number, reinterpret_cast<long>(&action), 0, kMaskSize);
}

// --- stopping the others -----------------------------------------------------------------------

[[noreturn]] void wait_for_the_end() {
  for (;;) {
    long none[2] = {1'000'000, 0};
    raw::call(SYS_nanosleep, reinterpret_cast<long>(none), 0);
  }
}

void on_stop(int) {
  arena.stopped.fetch_add(1);
  // The stack under this is zeroed: nothing here may return.
  wait_for_the_end();
}

bool told_to_stop(int thread) {
  for (size_t i = 0; i < arena.thread_count; ++i)
    if (arena.threads[i] == thread) return true;
  return false;
}

int number_in(const char* text) {
  int out = 0;
  for (; *text >= '0' && *text <= '9'; ++text) out = out * 10 + (*text - '0');
  return out;
}

// Tells every thread that has not been told yet; false if there was none.
bool tell_threads(int own_process, int own_thread) {
  bool found = false;
  const long folder = raw::call(SYS_openat, AT_FDCWD, reinterpret_cast<long>("/proc/self/task"),
                                O_RDONLY | O_DIRECTORY);
  if (folder < 0) return false;
  for (;;) {
    const long size =
        raw::call(SYS_getdents64, folder, reinterpret_cast<long>(arena.text), sizeof arena.text);
    if (size <= 0) break;
    for (long at = 0; at < size;) {
      // struct linux_dirent64: inode 8, offset 8, length 2, type 1, name
      const char* const entry = arena.text + at;
      at += static_cast<unsigned char>(entry[16]) | static_cast<unsigned char>(entry[17]) << 8;
      const int thread = number_in(entry + 19);
      if (thread == 0 || thread == own_thread || told_to_stop(thread)) continue;
      if (arena.thread_count == kMaxThreads) continue;
      arena.threads[arena.thread_count++] = thread;
      if (raw::call(SYS_tgkill, own_process, thread, kStopSignal) == 0)
        found = true;
      else
        arena.stopped.fetch_add(1);  // it has just ended
    }
  }
  raw::call(SYS_close, folder);
  return found;
}

void stop_threads(int own_process, int own_thread) {
  set_action(kStopSignal, on_stop);
  for (int tries = 0; tries < kStopTries; ++tries) {
    // One that is told may be starting another.
    const bool more = tell_threads(own_process, own_thread);
    if (!more && arena.stopped.load() >= arena.thread_count) return;
    long wait[2] = {0, kStopWaitNs};
    raw::call(SYS_nanosleep, reinterpret_cast<long>(wait), 0);
  }
}

// --- zeroing -----------------------------------------------------------------------------------

void zero_resident(uintptr_t begin, uintptr_t end) {
  while (begin < end) {
    size_t pages = (end - begin) / arena.page;
    if (pages > kPagesAtOnce) pages = kPagesAtOnce;
    // What was never touched holds nothing; touching it would cost memory and time.
    const bool known =
        raw::call(SYS_mincore, static_cast<long>(begin), static_cast<long>(pages * arena.page),
                  reinterpret_cast<long>(arena.resident)) == 0;
    for (size_t i = 0; known && i < pages; ++i)
      if (arena.resident[i] & 1) raw::zero(begin + i * arena.page, arena.page);
    begin += pages * arena.page;
  }
}

void zero_but_the_arena(uintptr_t begin, uintptr_t end) {
  const auto own = reinterpret_cast<uintptr_t>(&arena);
  const uintptr_t own_end = own + sizeof arena;
  if (end <= own || begin >= own_end) return zero_resident(begin, end);
  if (begin < own) zero_resident(begin, own);
  if (end > own_end) zero_resident(own_end, end);
}

bool starts_with(const char* text, const char* with) {
  for (; *with != 0; ++text, ++with)
    if (*text != *with) return false;
  return true;
}

// "begin-end perms offset device inode   path": zeroes what may be written to. Never a file, and
// never a device's memory.
void wipe_line(const char* line) {
  uintptr_t bounds[2] = {0, 0};
  for (int i = 0; i < 2; ++i, ++line) {
    for (; *line != '-' && *line != ' ' && *line != 0; ++line) {
      const int digit = *line <= '9' ? *line - '0' : *line - 'a' + 10;
      bounds[i] = bounds[i] << 4 | static_cast<uintptr_t>(digit);
    }
    if (*line == 0) return;
  }
  const bool readable = line[0] == 'r', writable = line[1] == 'w', shared = line[3] == 's';
  if (!readable || !writable) return;
  const char* path = line;
  while (*path != 0 && *path != '/' && *path != '[') ++path;
  const bool memory = starts_with(path, "/memfd:") || starts_with(path, "/dev/shm/") ||
                      starts_with(path, "/dev/zero") || starts_with(path, "/SYSV");
  if (shared && !memory) return;
  if (starts_with(path, "/dev/") && !memory) return;
  zero_but_the_arena(bounds[0], bounds[1]);
}

void wipe_mappings() {
  const long file =
      raw::call(SYS_openat, AT_FDCWD, reinterpret_cast<long>("/proc/self/maps"), O_RDONLY);
  size_t kept = 0;
  for (;;) {
    const long size = raw::call(SYS_read, file, reinterpret_cast<long>(arena.text + kept),
                                static_cast<long>(sizeof arena.text - 1 - kept));
    if (size <= 0) break;
    const size_t end = kept + static_cast<size_t>(size);
    size_t line = 0;
    for (size_t i = 0; i < end; ++i) {
      if (arena.text[i] != '\n') continue;
      arena.text[i] = 0;
      wipe_line(arena.text + line);
      line = i + 1;
    }
    kept = 0;
    while (line < end) arena.text[kept++] = arena.text[line++];
  }
}

// --- the end -----------------------------------------------------------------------------------

// On the arena's stack, alone.
[[noreturn]] void wipe_and_end(long how) {
  const long process = raw::call(SYS_getpid), thread = raw::call(SYS_gettid);
  stop_threads(static_cast<int>(process), static_cast<int>(thread));
  // From here on a fault, or the alarm, ends the process.
  for (int number : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGSYS, SIGALRM})
    set_action(number, SIG_DFL);
  const unsigned long blocked = kAllSignals & ~mask_of(SIGALRM);
  raw::call(SYS_rt_sigprocmask, SIG_SETMASK, reinterpret_cast<long>(&blocked), 0, kMaskSize);
  const long limit[4] = {0, 0, kWipeSeconds, 0};  // struct itimerval
  raw::call(SYS_setitimer, ITIMER_REAL, reinterpret_cast<long>(limit), 0);
  wipe_mappings();
  if (how & kBySignal) {
    const int number = static_cast<int>(how & 0xff);
    set_action(number, SIG_DFL);
    raw::call(SYS_tgkill, process, thread, number);
    const unsigned long none = 0;
    raw::call(SYS_rt_sigprocmask, SIG_SETMASK, reinterpret_cast<long>(&none), 0, kMaskSize);
    how = 128 + number;  // should it have survived
  }
  for (;;) raw::call(SYS_exit_group, how & 0xff);
}

[[noreturn]] void begin_the_end(long how) {
  const unsigned long all = kAllSignals & ~mask_of(kStopSignal);
  raw::call(SYS_rt_sigprocmask, SIG_SETMASK, reinterpret_cast<long>(&all), 0, kMaskSize);
  if (begun.test_and_set()) wait_for_the_end();  // another thread is at it, and will stop this one
  raw::move_to_stack(arena.stack + kStack, wipe_and_end, how);
}

void on_deadly_signal(int number) { begin_the_end(kBySignal | number); }

void on_exit_of_process(int code, void*) {
  wipe_unless_ended_within(kWipeSeconds);
  std::fflush(nullptr);  // exit() would do that only after this
  begin_the_end(code & 0xff);
}

// Every signal whose default is to end the process and that can be caught (signal(7)).
constexpr int kDeadly[] = {SIGHUP,    SIGINT,  SIGQUIT, SIGILL,  SIGTRAP, SIGABRT,
                           SIGBUS,    SIGFPE,  SIGUSR1, SIGSEGV, SIGUSR2, SIGPIPE,
                           SIGALRM,   SIGTERM, SIGXCPU, SIGXFSZ, SIGPROF, SIGVTALRM,
                           SIGSTKFLT, SIGIO,   SIGPWR,  SIGSYS};

void catch_deadly_signals() {
  // For the main thread's stack overflow.
  static unsigned char other_stack[kStack];
  const stack_t other{.ss_sp = other_stack, .ss_flags = 0, .ss_size = sizeof other_stack};
  sigaltstack(&other, nullptr);
  for (int number : kDeadly) {
    struct sigaction old{};
    sigaction(number, nullptr, &old);
    if (old.sa_handler == SIG_IGN) continue;
    struct sigaction action{};
    action.sa_handler = on_deadly_signal;
    action.sa_flags = SA_ONSTACK;
    sigfillset(&action.sa_mask);
    sigaction(number, &action, nullptr);
  }
}

}  // namespace

void wipe_at_every_end() {
  if (!kWipes || armed.exchange(true)) return;
  arena.page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  catch_deadly_signals();
  on_exit(on_exit_of_process, nullptr);
}

void wipe_and_exit(int code) {
  if (!armed) _exit(code);
  begin_the_end(code & 0xff);
}

void wipe_unless_ended_within(unsigned seconds) { alarm(seconds); }

}  // namespace swarmcast::platform
