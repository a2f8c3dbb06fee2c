// The allocator's functions as this program's own, which every library of the process then calls;
// each counts and hands on to glibc's. Walking a stack may allocate itself, and so may looking for a
// library's name: both are done with the thread marked as busy, so that nothing counts twice.
#define _GNU_SOURCE
#include "CAllocations.h"

#include <errno.h>  // says whether the library is glibc
#include <stddef.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif

#if defined(__linux__) && defined(__GLIBC__) && !defined(SANITIZED)

#include <dlfcn.h>
#include <execinfo.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

static atomic_bool is_on;
static atomic_long own, here, onednn, dispatch;
static _Thread_local bool is_busy, is_here;

enum { depth = 40, kept = 4, line = 256 };
static char text[2 * kept * depth * line];
static atomic_long written;
static atomic_flag writing = ATOMIC_FLAG_INIT;

static const char *library(void *address) {
  Dl_info info;
  if (!dladdr(address, &info) || !info.dli_fname) return "";
  return info.dli_fname;
}

static bool is_runtime(const char *name) {
  static const char *const names[] = {
      "libc.so", "libc-", "libstdc++", "libswiftCore", "libBlocksRuntime", "ld-linux",
  };
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i += 1) {
    if (strstr(name, names[i])) return true;
  }
  return false;
}

static void note(void *const *frames, int count) {
  if (atomic_flag_test_and_set(&writing)) return;
  size_t used = (size_t)atomic_load(&written);
  for (int i = 0; i < count && used + line < sizeof text; i += 1) {
    Dl_info info;
    if (!dladdr(frames[i], &info)) continue;
    size_t offset = (size_t)((uintptr_t)frames[i] - (uintptr_t)info.dli_fbase);
    const char *name = info.dli_sname ? info.dli_sname : "";
    int size = snprintf(text + used, line, "%s 0x%zx %.100s\n", info.dli_fname, offset, name);
    used += (size_t)(size < line ? size : line - 1);
  }
  if (used + 1 < sizeof text) text[used++] = '\n';
  atomic_store(&written, (long)used);
  atomic_flag_clear(&writing);
}

__attribute__((noinline)) static void count(void) {
  if (!atomic_load_explicit(&is_on, memory_order_relaxed) || is_busy) return;
  is_busy = true;
  int before = errno;
  void *frames[depth];
  int found = backtrace(frames, depth);
  const char *caller = "";
  // The first two frames are this file's.
  for (int i = 2; i < found; i += 1) {
    caller = library(frames[i]);
    if (!is_runtime(caller)) break;
  }
  if (strstr(caller, "libdnnl")) {
    atomic_fetch_add(&onednn, 1);
  } else if (strstr(caller, "libdispatch") || strstr(caller, "libswiftDispatch")) {
    atomic_fetch_add(&dispatch, 1);
  } else {
    long before_here = is_here ? atomic_fetch_add(&here, 1) : kept;
    if (atomic_fetch_add(&own, 1) < kept || before_here < kept) note(frames, found);
  }
  errno = before;
  is_busy = false;
}

void *malloc(size_t size) {
  count();
  return __libc_malloc(size);
}

void *calloc(size_t number, size_t size) {
  count();
  return __libc_calloc(number, size);
}

void *realloc(void *old, size_t size) {
  count();
  return __libc_realloc(old, size);
}

void *memalign(size_t alignment, size_t size) {
  count();
  return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
  count();
  return __libc_memalign(alignment, size);
}

int posix_memalign(void **result, size_t alignment, size_t size) {
  if (alignment % sizeof(void *) != 0 || (alignment & (alignment - 1)) != 0) return EINVAL;
  count();
  void *memory = __libc_memalign(alignment, size);
  if (!memory) return ENOMEM;
  *result = memory;
  return 0;
}

bool callocations_works(void) { return true; }

void callocations_begin(void) {
  // The first walk of a stack loads what it needs.
  void *frames[4];
  is_busy = true;
  (void)backtrace(frames, 4);
  is_busy = false;
  is_here = true;
  atomic_store(&own, 0);
  atomic_store(&here, 0);
  atomic_store(&onednn, 0);
  atomic_store(&dispatch, 0);
  atomic_store(&written, 0);
  atomic_store(&is_on, true);
}

callocations_counts callocations_end(void) {
  atomic_store(&is_on, false);
  is_here = false;
  text[atomic_load(&written)] = 0;
  return (callocations_counts){
      .own = atomic_load(&own),
      .here = atomic_load(&here),
      .onednn = atomic_load(&onednn),
      .dispatch = atomic_load(&dispatch),
  };
}

const char *callocations_stacks(void) { return text; }

#else

bool callocations_works(void) { return false; }
void callocations_begin(void) {}
callocations_counts callocations_end(void) { return (callocations_counts){0}; }
const char *callocations_stacks(void) { return ""; }

#endif
