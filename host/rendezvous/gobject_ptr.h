// Owning pointers for GLib's objects.
#pragma once

#include <gio/gio.h>

#include <memory>

namespace swarmcast::rendezvous {

struct GObjectUnref {
  void operator()(void* object) const { g_object_unref(object); }
};
template <typename T>
using GObjectPtr = std::unique_ptr<T, GObjectUnref>;

// One more reference to `object`.
template <typename T>
GObjectPtr<T> share(T* object) {
  return GObjectPtr<T>(static_cast<T*>(g_object_ref(object)));
}

// While it lives, what GLib starts on this thread belongs to that context.
class ContextGuard {
 public:
  explicit ContextGuard(GMainContext* context) : context_(context) {
    g_main_context_push_thread_default(context_);
  }
  ~ContextGuard() { g_main_context_pop_thread_default(context_); }
  ContextGuard(const ContextGuard&) = delete;
  ContextGuard& operator=(const ContextGuard&) = delete;

 private:
  GMainContext* context_;
};

struct GErrorFree {
  void operator()(GError* error) const { g_error_free(error); }
};
using GErrorPtr = std::unique_ptr<GError, GErrorFree>;

struct GFree {
  void operator()(void* memory) const { g_free(memory); }
};

}  // namespace swarmcast::rendezvous
