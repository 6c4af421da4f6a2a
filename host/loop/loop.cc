#include "host/loop/loop.h"

#include <errno.h>
#include <glib.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <utility>

#include "engine/base/check.h"

namespace swarmcast {
namespace {

GIOCondition to_condition(unsigned events) {
  int condition = G_IO_ERR | G_IO_HUP;
  if (events & Loop::FdWatch::kReadable) condition |= G_IO_IN;
  if (events & Loop::FdWatch::kWritable) condition |= G_IO_OUT;
  return static_cast<GIOCondition>(condition);
}

unsigned to_events(GIOCondition condition) {
  unsigned events = 0;
  if (condition & G_IO_IN) events |= Loop::FdWatch::kReadable;
  if (condition & G_IO_OUT) events |= Loop::FdWatch::kWritable;
  if (condition & (G_IO_ERR | G_IO_HUP | G_IO_NVAL)) events |= Loop::FdWatch::kBroken;
  return events;
}

// GLib libraries attach what they start to the calling thread's default context.
class ThreadDefault {
 public:
  explicit ThreadDefault(GMainContext* context) : context_(context) {
    g_main_context_push_thread_default(context_);
  }
  ~ThreadDefault() { g_main_context_pop_thread_default(context_); }
  ThreadDefault(const ThreadDefault&) = delete;

 private:
  GMainContext* context_;
};

// What the timerfd is set to after it has fired: no instant equals it, so it is set anew.
constexpr Instant kExpired = Instant::from_us(-1);

}  // namespace

// One GSource serves every descriptor and timer, so that an iteration costs one poll() and one
// dispatch, whatever their number. GLib's own time-outs have millisecond precision; ours go
// through one timerfd, set again only when the earliest instant changes.
struct Loop::Impl {
  struct Source {
    GSource base;
    Impl* impl;
  };

  Impl();
  ~Impl();

  static gboolean prepare(GSource* source, gint* timeout);
  static gboolean check(GSource* source);
  static gboolean dispatch(GSource* source, GSourceFunc, gpointer);

  bool timer_due() const { return next_due <= Loop::now(); }
  void schedule(Instant due);
  void find_next_due();
  void run_timers();
  void run_watches();
  void run_posted();
  void arm();

  GMainContext* context = nullptr;
  Source* source = nullptr;
  std::vector<Timer*> timers;
  std::vector<FdWatch*> watches;
  // Copies under iteration; one destroyed meanwhile is blanked.
  std::vector<Timer*> due_timers;
  std::vector<FdWatch*> ready_watches;
  Instant next_due = Instant::never();
  Instant armed = Instant::never();
  int timer_fd = -1;
  void* timer_tag = nullptr;

  std::mutex mutex;
  std::vector<std::function<void()>> posted;  // guarded by mutex
  std::vector<std::function<void()>> running;
  int event_fd = -1;
  std::unique_ptr<FdWatch> event_watch;

  int signal_fd = -1;
  std::unique_ptr<FdWatch> signal_watch;
  bool dispatching = false;
  std::atomic<bool> quitting = false;
};

Loop::Impl::Impl() {
  static GSourceFuncs functions = {prepare, check, dispatch, nullptr, nullptr, nullptr};
  context = g_main_context_new();
  source = reinterpret_cast<Source*>(g_source_new(&functions, sizeof(Source)));
  source->impl = this;
  // Before GLib's default: what arrives on links comes first, and prepare() must always be asked.
  g_source_set_priority(&source->base, G_PRIORITY_HIGH);
  // Else GLib takes every descriptor out of its poll set during dispatch and puts it back after,
  // each time waking itself up for nothing: an extra iteration and two system calls.
  g_source_set_can_recurse(&source->base, TRUE);
  g_source_attach(&source->base, context);
  timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  event_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  SWARMCAST_CHECK(timer_fd >= 0 && event_fd >= 0);
  timer_tag = g_source_add_unix_fd(&source->base, timer_fd, G_IO_IN);
}

Loop::Impl::~Impl() {
  SWARMCAST_DCHECK(timers.empty() && watches.empty());
  g_source_destroy(&source->base);
  g_source_unref(&source->base);
  g_main_context_unref(context);
  close(timer_fd);
  close(event_fd);
  if (signal_fd >= 0) close(signal_fd);
}

gboolean Loop::Impl::prepare(GSource* source, gint* timeout) {
  Impl& self = *reinterpret_cast<Source*>(source)->impl;
  *timeout = -1;
  if (!self.next_due.is_never() && self.timer_due()) return TRUE;
  self.arm();
  return FALSE;
}

// The timerfd is never read: setting it again clears it, and arm() does so before each wait.
void Loop::Impl::arm() {
  if (armed == next_due) return;
  itimerspec spec{};
  if (!next_due.is_never()) {
    const int64_t us = std::max<int64_t>(next_due.us(), 1);
    spec.it_value.tv_sec = us / 1'000'000;
    spec.it_value.tv_nsec = us % 1'000'000 * 1'000;
  }
  SWARMCAST_CHECK(timerfd_settime(timer_fd, TFD_TIMER_ABSTIME, &spec, nullptr) == 0);
  armed = next_due;
}

gboolean Loop::Impl::check(GSource* source) {
  Impl& self = *reinterpret_cast<Source*>(source)->impl;
  if (g_source_query_unix_fd(source, self.timer_tag) != 0) return TRUE;
  for (FdWatch* watch : self.watches) {
    if (g_source_query_unix_fd(source, watch->tag_) != 0) return TRUE;
  }
  return !self.next_due.is_never() && self.timer_due();
}

gboolean Loop::Impl::dispatch(GSource* source, GSourceFunc, gpointer) {
  Impl& self = *reinterpret_cast<Source*>(source)->impl;
  SWARMCAST_CHECK(!std::exchange(self.dispatching, true));
  self.run_watches();
  self.run_timers();
  self.dispatching = false;
  return G_SOURCE_CONTINUE;
}

void Loop::Impl::run_watches() {
  ready_watches.assign(watches.begin(), watches.end());
  for (size_t i = 0; i < ready_watches.size(); ++i) {
    FdWatch* watch = ready_watches[i];
    if (watch == nullptr) continue;
    const unsigned events = to_events(g_source_query_unix_fd(&source->base, watch->tag_));
    if (events != 0) watch->on_ready_(events);
  }
  ready_watches.clear();
}

void Loop::Impl::run_timers() {
  if (next_due.is_never()) return;
  const Instant now = Loop::now();
  if (now < next_due) return;
  // Those that a callback sets to an instant already past wait for the next iteration.
  for (Timer* timer : timers) {
    if (timer->due_ <= now) due_timers.push_back(timer);
  }
  std::ranges::sort(due_timers, {}, &Timer::due_);
  for (size_t i = 0; i < due_timers.size(); ++i) {
    Timer* timer = due_timers[i];
    if (timer == nullptr || timer->due_ > now) continue;
    timer->due_ = Instant::never();
    timer->on_due_();
  }
  due_timers.clear();
  find_next_due();
  armed = kExpired;
}

void Loop::Impl::find_next_due() {
  next_due = Instant::never();
  for (const Timer* timer : timers) next_due = std::min(next_due, timer->due_);
}

void Loop::Impl::run_posted() {
  uint64_t count;
  if (read(event_fd, &count, sizeof count) < 0) return;
  {
    std::lock_guard lock(mutex);
    running.swap(posted);
  }
  for (auto& task : running) task();
  running.clear();
}

Loop::Loop() : impl_(std::make_unique<Impl>()) {
  impl_->event_watch = std::make_unique<FdWatch>(*this, impl_->event_fd, FdWatch::kReadable,
                                                 [this](unsigned) { impl_->run_posted(); });
}

Loop::~Loop() {
  impl_->event_watch.reset();
  impl_->signal_watch.reset();
}

Instant Loop::now() {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return Instant::from_us(int64_t{t.tv_sec} * 1'000'000 + t.tv_nsec / 1'000);
}

void Loop::run() {
  const ThreadDefault guard(impl_->context);
  while (!impl_->quitting) g_main_context_iteration(impl_->context, true);
  impl_->quitting = false;
}

void Loop::run_once(bool may_wait) {
  const ThreadDefault guard(impl_->context);
  g_main_context_iteration(impl_->context, may_wait);
}

void Loop::quit() {
  impl_->quitting = true;
  g_main_context_wakeup(impl_->context);
}

void Loop::post(std::function<void()> task) {
  bool first;
  {
    std::lock_guard lock(impl_->mutex);
    first = impl_->posted.empty();
    impl_->posted.push_back(std::move(task));
  }
  if (!first) return;  // whoever posted first has woken the loop
  const uint64_t one = 1;
  while (write(impl_->event_fd, &one, sizeof one) < 0 && errno == EINTR) {
  }
}

void Loop::watch_signals(std::initializer_list<int> numbers, std::function<void(int)> on_signal) {
  SWARMCAST_CHECK(impl_->signal_fd < 0);
  sigset_t set;
  sigemptyset(&set);
  for (int number : numbers) sigaddset(&set, number);
  SWARMCAST_CHECK(pthread_sigmask(SIG_BLOCK, &set, nullptr) == 0);
  impl_->signal_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
  SWARMCAST_CHECK(impl_->signal_fd >= 0);
  impl_->signal_watch = std::make_unique<FdWatch>(
      *this, impl_->signal_fd, FdWatch::kReadable,
      [fd = impl_->signal_fd, on_signal = std::move(on_signal)](unsigned) {
        signalfd_siginfo info;
        while (read(fd, &info, sizeof info) == sizeof info) {
          on_signal(static_cast<int>(info.ssi_signo));
        }
      });
}

GMainContext* Loop::context() const { return impl_->context; }

Loop::Timer::Timer(Loop& loop, std::function<void()> on_due)
    : loop_(loop), on_due_(std::move(on_due)) {
  loop_.impl_->timers.push_back(this);
}

Loop::Timer::~Timer() {
  Impl& impl = *loop_.impl_;
  std::erase(impl.timers, this);
  std::ranges::replace(impl.due_timers, this, nullptr);
  impl.find_next_due();
}

void Loop::Timer::set(Instant due) {
  if (due == due_) return;
  Impl& impl = *loop_.impl_;
  const bool was_first = due_ == impl.next_due;
  due_ = due;
  if (due < impl.next_due) {
    impl.next_due = due;
  } else if (was_first) {
    impl.find_next_due();
  }
}

Loop::FdWatch::FdWatch(Loop& loop, int fd, unsigned events, std::function<void(unsigned)> on_ready)
    : loop_(loop), on_ready_(std::move(on_ready)) {
  tag_ = g_source_add_unix_fd(&loop_.impl_->source->base, fd, to_condition(events));
  loop_.impl_->watches.push_back(this);
}

Loop::FdWatch::~FdWatch() {
  Impl& impl = *loop_.impl_;
  g_source_remove_unix_fd(&impl.source->base, tag_);
  std::erase(impl.watches, this);
  std::ranges::replace(impl.ready_watches, this, nullptr);
}

void Loop::FdWatch::set_events(unsigned events) {
  g_source_modify_unix_fd(&loop_.impl_->source->base, tag_, to_condition(events));
}

}  // namespace swarmcast
