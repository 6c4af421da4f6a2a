// The program's malloc and free, in place of the C library's for every library in the process:
// memory is zeroed as it is given back. FFmpeg, OpenH264, OpenSSL and GLib free pictures, keys and
// messages without wiping them; the dynamic linker resolves their calls to the program first.
//
// The heap itself stays glibc's. All of the family is here, since a part of it beside another
// allocator (LD_PRELOAD) would free what that one allocated.
//
// Not in builds with a sanitizer, which brings a heap of its own.
#include <errno.h>
#include <malloc.h>
#include <string.h>

#include <algorithm>
#include <bit>
#include <cstddef>

extern "C" {

// NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming): glibc's names
void* __libc_malloc(size_t size);
void* __libc_calloc(size_t count, size_t size);
void* __libc_realloc(void* old, size_t size);
void* __libc_memalign(size_t alignment, size_t size);
void* __libc_valloc(size_t size);
void* __libc_pvalloc(size_t size);
void __libc_free(void* memory);
// NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming)

void* malloc(size_t size) { return __libc_malloc(size); }
void* calloc(size_t count, size_t size) { return __libc_calloc(count, size); }
void* memalign(size_t alignment, size_t size) { return __libc_memalign(alignment, size); }
void* aligned_alloc(size_t alignment, size_t size) { return __libc_memalign(alignment, size); }
void* valloc(size_t size) { return __libc_valloc(size); }
void* pvalloc(size_t size) { return __libc_pvalloc(size); }

int posix_memalign(void** out, size_t alignment, size_t size) {
  if (alignment < sizeof(void*) || !std::has_single_bit(alignment)) return EINVAL;
  void* const memory = __libc_memalign(alignment, size);
  if (!memory) return ENOMEM;
  *out = memory;
  return 0;
}

void free(void* memory) {
  if (!memory) return;
  // All that the caller could have used, which may be a little more than it asked for.
  explicit_bzero(memory, malloc_usable_size(memory));
  __libc_free(memory);
}

// glibc's own would leave the old place unwiped when it moves, and the rest when it shrinks.
void* realloc(void* old, size_t size) {
  if (!old) return malloc(size);
  if (size == 0) {
    free(old);
    return nullptr;
  }
  const size_t room = malloc_usable_size(old);
  if (size <= room) {
    explicit_bzero(static_cast<char*>(old) + size, room - size);
    // Worth giving the rest back? Shrinking does not move.
    return size >= room / 2 ? old : __libc_realloc(old, size);
  }
  void* const moved = malloc(size);
  if (!moved) return nullptr;
  memcpy(moved, old, room);
  free(old);
  return moved;
}

}  // extern "C"
