// Counts who allocates, in a process whose allocator this file's definitions stand before.
#ifndef CALLOCATIONS_H
#define CALLOCATIONS_H

#include <stdbool.h>

#pragma clang assume_nonnull begin

/// Allocations while counting was on, by the library whose code asked for them: the innermost frame
/// that is not the allocator's own or that of a runtime (libc, libstdc++, the Swift runtime).
typedef struct {
  long own;       // of everything that is not named below, in all threads
  long here;      // of those, in the thread that began and ended the count
  long onednn;    // of libdnnl
  long dispatch;  // of libdispatch and its Swift part
} callocations_counts;

/// Whether allocations are counted at all: on Linux, without a sanitizer, which has an allocator of
/// its own.
bool callocations_works(void);

/// Starts from zero, in all threads.
void callocations_begin(void);

/// Ends and returns what was counted.
callocations_counts callocations_end(void);

/// The call stacks of the first few of `own`, one line a frame: library and offset in it, as
/// `addr2line -e LIBRARY OFFSET` wants them. Valid until the next `begin`.
const char *callocations_stacks(void);

#pragma clang assume_nonnull end

#endif
