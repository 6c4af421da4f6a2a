// Linked with the wiping heap, as the program is: what was freed is looked at where it was.
#include <dlfcn.h>
#include <errno.h>
#include <glib.h>
#include <gtest/gtest.h>
#include <malloc.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>

#include <cstdint>
#include <cstring>
#include <string>

namespace swarmcast {
namespace {

constexpr unsigned char kCanary = 0xc7;

void fill(void* memory, size_t size) { memset(memory, kCanary, size); }

// Whole words of the canary, in bytes: one byte of it may be the heap's own, which links what is
// free. The compiler must not see that this place may have been freed.
[[gnu::noipa]] size_t canaries(uintptr_t at, size_t size) {
  size_t out = 0;
  for (size_t i = 0; i + 8 <= size; i += 8)
    if (*reinterpret_cast<volatile const uint64_t*>(at + i) == 0xc7c7c7c7c7c7c7c7) out += 8;
  return out;
}

[[gnu::noipa]] uintptr_t address_of(void* memory) { return reinterpret_cast<uintptr_t>(memory); }

class WipingHeap : public testing::TestWithParam<size_t> {};

TEST_P(WipingHeap, FreedMemoryHoldsNothing) {
  const size_t size = GetParam();
  void* const memory = malloc(size);
  void* const guard = malloc(size);  // else it might go back to the system, and reading it crash
  fill(memory, size);
  const uintptr_t at = address_of(memory);
  ASSERT_EQ(canaries(at, size), size) << "the test sees nothing";
  free(memory);
  EXPECT_EQ(canaries(at, size), 0u);
  free(guard);
}

TEST_P(WipingHeap, MemoryThatMovedLeavesNothingBehind) {
  const size_t size = GetParam();
  void* const memory = malloc(size);
  void* const guard = malloc(size);  // in the way: growing must move
  fill(memory, size);
  const uintptr_t at = address_of(memory);
  void* const moved = realloc(memory, 4 * size);
  ASSERT_NE(address_of(moved), at);
  EXPECT_EQ(canaries(address_of(moved), size), size);
  EXPECT_EQ(canaries(at, size), 0u);
  free(moved);
  free(guard);
}

TEST_P(WipingHeap, WhatIsCutOffIsWiped) {
  const size_t size = GetParam();
  for (const size_t kept : {size / 16 * 8, size - 8}) {
    void* const memory = malloc(size);
    void* const guard = malloc(size);
    fill(memory, size);
    const uintptr_t at = address_of(memory);
    void* const same = realloc(memory, kept);
    EXPECT_EQ(address_of(same), at);
    EXPECT_EQ(canaries(at, size), kept);
    free(same);
    free(guard);
  }
}

TEST_P(WipingHeap, CppLibrariesAndTheCLibraryItselfFreeThroughIt) {
  const size_t size = GetParam();
  void* const guard = malloc(size);
  struct {
    void* memory;
    void (*give_back)(void*);
  } const heaps[] = {{g_malloc(size), g_free},
                     {OPENSSL_malloc(size), [](void* p) { OPENSSL_free(p); }},
                     {operator new(size), [](void* p) { operator delete(p); }}};
  for (const auto& heap : heaps) {
    void* const after = malloc(size);
    fill(heap.memory, size);
    const uintptr_t at = address_of(heap.memory);
    heap.give_back(heap.memory);
    EXPECT_EQ(canaries(at, size), 0u);
    free(after);
  }
  free(guard);

  char* text = nullptr;
  size_t length = 0;
  FILE* const stream = open_memstream(&text, &length);
  const std::string secret(size, static_cast<char>(kCanary));
  fwrite(secret.data(), 1, size, stream);
  fflush(stream);
  const uintptr_t at = address_of(text);
  ASSERT_EQ(canaries(at, size), size);
  void* const wall = malloc(size);
  fclose(stream);
  free(text);
  EXPECT_EQ(canaries(at, size), 0u);
  free(wall);
}

// Of the heap's small lists, its larger bins, and what is just not mapped by itself.
INSTANTIATE_TEST_SUITE_P(Sizes, WipingHeap, testing::Values(32, 200, 1'024, 5'000, 30'000));

TEST(WipingHeapFamily, IsWhatEveryLibraryFinds) {
  Dl_info library{}, program{};
  static const int here = 0;
  ASSERT_NE(dladdr(&here, &program), 0);
  for (const char* name : {"malloc", "free", "calloc", "realloc", "memalign", "aligned_alloc",
                           "posix_memalign", "valloc", "pvalloc"}) {
    void* const found = dlsym(RTLD_DEFAULT, name);
    ASSERT_TRUE(found) << name;
    ASSERT_NE(dladdr(found, &library), 0) << name;
    EXPECT_EQ(library.dli_fbase, program.dli_fbase) << name << " is " << library.dli_fname;
  }
}

TEST(WipingHeapFamily, AlignsAndCountsAsTheStandardSays) {
  for (const size_t alignment : {size_t{16}, size_t{64}, size_t{4'096}}) {
    void* memory = nullptr;
    ASSERT_EQ(posix_memalign(&memory, alignment, 100), 0);
    EXPECT_EQ(address_of(memory) % alignment, 0u);
    fill(memory, 96);
    void* const larger = realloc(memory, 10'000);
    EXPECT_EQ(canaries(address_of(larger), 96), 96u);
    free(larger);
    void* const other = aligned_alloc(alignment, 2 * alignment);
    EXPECT_EQ(address_of(other) % alignment, 0u);
    free(other);
  }
  void* memory = nullptr;
  EXPECT_EQ(posix_memalign(&memory, 24, 100), EINVAL);
  EXPECT_EQ(posix_memalign(&memory, 4, 100), EINVAL);
  EXPECT_EQ(memory, nullptr);
  auto* const zeroes = static_cast<unsigned char*>(calloc(100, 10));
  for (size_t i = 0; i < 1'000; ++i) ASSERT_EQ(zeroes[i], 0);
  free(zeroes);
  free(nullptr);
  void* const fresh = realloc(nullptr, 50);
  EXPECT_GE(malloc_usable_size(fresh), 50u);
  EXPECT_EQ(realloc(fresh, 0), nullptr);
}

TEST(WipingHeapFamily, LeavesWhatItCannotEnlargeAsItWas) {
  void* const memory = malloc(104);
  fill(memory, 104);
  const uintptr_t at = address_of(memory);
  const volatile size_t too_much = SIZE_MAX / 2;
  errno = 0;
  EXPECT_EQ(realloc(memory, too_much), nullptr);
  EXPECT_EQ(errno, ENOMEM);
  EXPECT_EQ(canaries(at, 104), 104u);
  free(reinterpret_cast<void*>(at));
}

}  // namespace
}  // namespace swarmcast
