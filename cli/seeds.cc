#include "cli/seeds.h"

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <vector>

#include "cli/exit_codes.h"

namespace swarmcast::cli {
namespace {

constexpr int kRunning = -1;

struct Job {
  pid_t process = 0;
  int output = -1;  // a file in memory
  int code = kRunning;
};

// The greater, the worse; a crash is what is none of these.
int rank(int code) {
  static constexpr std::array kFromBest = {kExitOk, kExitNotLive, kExitUnsafe};
  return static_cast<int>(std::ranges::find(kFromBest, code) - kFromBest.begin());
}

Job begin(uint64_t seed, const std::function<int(uint64_t)>& run) {
  Job job{.output = memfd_create("simulation", MFD_CLOEXEC)};
  std::fflush(stdout);
  job.process = job.output < 0 ? -1 : fork();
  if (job.process == 0) {
    if (dup2(job.output, STDOUT_FILENO) < 0) _exit(kExitLocal);
    const int code = run(seed);
    std::fflush(stdout);
    _exit(code);
  }
  if (job.process < 0) job.code = kExitLocal;
  return job;
}

void print_and_close(Job& job) {
  if (job.output < 0) return;
  std::array<char, 4'096> part;
  off_t at = 0;
  for (ssize_t size; (size = pread(job.output, part.data(), part.size(), at)) > 0; at += size)
    std::fwrite(part.data(), 1, static_cast<size_t>(size), stdout);
  std::fflush(stdout);
  close(job.output);
}

}  // namespace

int run_seeds(uint64_t first, int count, int jobs, const std::function<int(uint64_t)>& run) {
  std::vector<Job> all;
  size_t printed = 0;
  int worst = kExitOk;
  while (printed < static_cast<size_t>(count)) {
    const auto running = std::ranges::count(all, kRunning, &Job::code);
    if (running < jobs && all.size() < static_cast<size_t>(count)) {
      all.push_back(begin(first + all.size(), run));
    } else if (running > 0) {
      int status = 0;
      const pid_t ended = wait(&status);
      for (Job& job : all)
        if (job.process == ended)
          job.code = WIFEXITED(status) ? WEXITSTATUS(status) : kExitInternal;
    }
    for (; printed < all.size() && all[printed].code != kRunning; ++printed) {
      print_and_close(all[printed]);
      if (rank(all[printed].code) > rank(worst)) worst = all[printed].code;
    }
  }
  return worst;
}

}  // namespace swarmcast::cli
