// Mapped files that lose their end give zeros instead of ending the process.
#ifndef CMAPGUARD_H
#define CMAPGUARD_H

#include <stddef.h>

#pragma clang assume_nonnull begin

/// A range of mapped memory that is watched.
typedef struct cmapguard_range cmapguard_range;

/// Watches the pages of a read-only mapping of `length` > 0 bytes at `start`.
///
/// The first call installs the process's handler of SIGBUS (on macOS also of SIGSEGV). Call it
/// right after mmap, before anybody reads. Returns null with errno where that fails.
/// Costs nothing while the file keeps its length; 48 bytes a range, used again after `unwatch`.
cmapguard_range *_Nullable cmapguard_watch(const void *start, size_t length);

/// Ends the watch. Call it right before munmap, when nobody reads any more.
void cmapguard_unwatch(cmapguard_range *range);

/// How many bytes from the start on are still the file's: all of them, or those before the first
/// page that the system could not give. Everything behind them reads as zero.
///
/// What was copied from the range before this call came from the file if it lies before that place.
size_t cmapguard_intact(const cmapguard_range *range);

#pragma clang assume_nonnull end

#endif
