// What the C and C++ libraries want of an operating system. Whatever goes wrong is told to the host
// and traps: the host then drops the instance. So the module imports nothing but host.*.
#include <cstdarg>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>

#include "engine/base/check.h"

extern "C" __attribute__((import_module("host"), import_name("failed"))) void host_failed(
    const char* what, size_t what_size, const char* where, size_t where_size, int line);

namespace {

[[noreturn]] void fail(const char* what, const char* where, int line) {
  host_failed(what, std::strlen(what), where, std::strlen(where), line);
  __builtin_trap();
}

void* allocate(size_t size) {
  void* memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) fail("out of memory", "", 0);
  return memory;
}

}  // namespace

namespace swarmcast {
void check_failed(const char* expression, const char* file, int line) {
  fail(expression, file, line);
}
}  // namespace swarmcast

extern "C" void abort() { fail("abort", "", 0); }

// NOLINTBEGIN(misc-new-delete-overloads): the others call these
void* operator new(size_t size) { return allocate(size); }
void* operator new[](size_t size) { return allocate(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, size_t) noexcept { std::free(memory); }
// NOLINTEND(misc-new-delete-overloads)

// How libc++ ends a program; its own would print.
_LIBCPP_BEGIN_NAMESPACE_STD
void __libcpp_verbose_abort(const char* format, ...) { fail(format, "libc++", 0); }
_LIBCPP_END_NAMESPACE_STD
