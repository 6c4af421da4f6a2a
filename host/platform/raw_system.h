// System calls without the C library, whose memory is being zeroed when these are used.
#pragma once

#include <cstddef>
#include <cstdint>

namespace swarmcast::platform::raw {

// -errno on failure.
[[gnu::always_inline]] inline long call(long number, long a = 0, long b = 0, long c = 0,
                                        long d = 0) {
#if defined(__x86_64__)
  long out;
  register long r10 asm("r10") = d;
  asm volatile("syscall"
               : "=a"(out)
               : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10)
               : "rcx", "r11", "memory");
  return out;
#elif defined(__aarch64__)
  register long x8 asm("x8") = number;
  register long x0 asm("x0") = a;
  register long x1 asm("x1") = b;
  register long x2 asm("x2") = c;
  register long x3 asm("x3") = d;
  asm volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3) : "memory");
  return x0;
#else
#error "write this processor's system call here"
#endif
}

// Goes on in `function(argument)` on another stack, for good.
[[noreturn, gnu::always_inline]] inline void move_to_stack(void* top, void (*function)(long),
                                                           long argument) {
#if defined(__x86_64__)
  asm volatile("mov %0, %%rsp\n\txor %%ebp, %%ebp\n\tcall *%1"
               :
               : "r"(top), "r"(function), "D"(argument)
               : "memory");
#elif defined(__aarch64__)
  register long x0 asm("x0") = argument;
  asm volatile("mov sp, %0\n\tblr %1" : : "r"(top), "r"(function), "r"(x0) : "memory");
#endif
  __builtin_unreachable();
}

[[gnu::always_inline]] inline void zero(uintptr_t at, size_t size) {
#if defined(__x86_64__)
  asm volatile("rep stosb" : "+D"(at), "+c"(size) : "a"(0) : "memory");
#else
  for (volatile char* p = reinterpret_cast<volatile char*>(at); size > 0; --size) *p++ = 0;
#endif
}

}  // namespace swarmcast::platform::raw
