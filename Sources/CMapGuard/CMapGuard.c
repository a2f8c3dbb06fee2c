// Touching a page of a mapped file that the system cannot give (the file was cut, or its medium
// fails) raises SIGBUS in the thread that reads. The handler looks for the address in the registry.
// In a watched range it puts pages of zeros in place of the rest of the range, notes where, and
// returns: the thread goes on. Everywhere else the handler before this one gets the signal.
//
// The handler takes no lock and allocates nothing: it reads the registry, which only grows, and
// calls mmap, a bare system call on Linux and macOS. The mutex is for watch and unwatch alone.
#include "CMapGuard.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

_Static_assert(ATOMIC_POINTER_LOCK_FREE == 2, "a signal handler must not meet a lock");

// Nodes are used again but never freed, so that a handler may stand at any of them.
struct cmapguard_range {
  // Odd while start and end change.
  atomic_uintptr_t version;
  // Whole pages; both zero while the node is free.
  atomic_uintptr_t start;
  atomic_uintptr_t end;
  // The first address that is not the file's any more; not below end where all are.
  atomic_uintptr_t cut;
  // The node that was made before this one; never changes.
  cmapguard_range *next;
  // Used under the mutex only.
  cmapguard_range *next_free;
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static _Atomic(cmapguard_range *) newest;
static cmapguard_range *free_nodes;
static bool installed;
static uintptr_t page_size;

#ifdef __APPLE__
static const int signals[] = {SIGBUS, SIGSEGV};
#else
static const int signals[] = {SIGBUS};
#endif
enum { signal_count = sizeof signals / sizeof signals[0] };
// What was installed before, in the order of `signals`.
static struct sigaction before[signal_count];

// MARK: The registry

// Changes a node so that a handler in another thread sees the old pair, the new pair or none.
static void set_bounds(cmapguard_range *range, uintptr_t start, uintptr_t end) {
  uintptr_t version = atomic_load_explicit(&range->version, memory_order_relaxed);
  atomic_store_explicit(&range->version, version + 1, memory_order_relaxed);
  atomic_thread_fence(memory_order_release);
  atomic_store_explicit(&range->start, start, memory_order_relaxed);
  atomic_store_explicit(&range->end, end, memory_order_relaxed);
  atomic_store_explicit(&range->version, version + 2, memory_order_release);
}

// The end of the range if it holds the address, else 0. A node that is just being changed holds
// no address that faults: its memory is not yet, or no longer, read by anybody.
static uintptr_t end_around(cmapguard_range *range, uintptr_t address) {
  uintptr_t version = atomic_load_explicit(&range->version, memory_order_acquire);
  uintptr_t start = atomic_load_explicit(&range->start, memory_order_relaxed);
  uintptr_t end = atomic_load_explicit(&range->end, memory_order_relaxed);
  atomic_thread_fence(memory_order_acquire);
  if (atomic_load_explicit(&range->version, memory_order_relaxed) != version) return 0;
  return version % 2 == 0 && start <= address && address < end ? end : 0;
}

// A node of its own for a new range; null with errno where memory is short. Under the mutex.
static cmapguard_range *take_node(void) {
  cmapguard_range *node = free_nodes;
  if (node != NULL) {
    free_nodes = node->next_free;
    return node;
  }
  node = calloc(1, sizeof *node);
  if (node == NULL) return NULL;
  node->next = atomic_load_explicit(&newest, memory_order_relaxed);
  atomic_store_explicit(&newest, node, memory_order_release);
  return node;
}

// MARK: The handler

// Whether the signal says that a page could not be given for reading. Other faults in the range
// (a write, a misaligned access) are errors of the program, and would come again for ever.
static bool is_missing_page(const siginfo_t *info, const void *context) {
#if defined(__APPLE__) && defined(__arm64__)
  // macOS fills in si_code without looking; the processor knows: a data abort of a read that is
  // not about alignment.
  (void)info;
  uint32_t syndrome = ((const ucontext_t *)context)->uc_mcontext->__es.__esr;
  return syndrome >> 26 == 0x24 && (syndrome & 0x40) == 0 && (syndrome & 0x3F) != 0x21;
#elif defined(__APPLE__)
  // A page fault of neither a write nor an instruction.
  (void)info;
  const ucontext_t *state = context;
  return state->uc_mcontext->__es.__trapno == 14 && (state->uc_mcontext->__es.__err & 0x12) == 0;
#else
  (void)context;
  return info->si_code == BUS_ADRERR;
#endif
}

// Puts zeros from the address's page to the end of its range. Several threads may do so at once:
// zeros over zeros.
static bool fill(uintptr_t address) {
  cmapguard_range *range = atomic_load_explicit(&newest, memory_order_acquire);
  uintptr_t end = 0;
  while (range != NULL && (end = end_around(range, address)) == 0) range = range->next;
  if (range == NULL) return false;
  uintptr_t from = address & ~(page_size - 1);
  // Noted first: whoever sees a zero must be able to see why.
  uintptr_t cut = atomic_load(&range->cut);
  while (from < cut && !atomic_compare_exchange_weak(&range->cut, &cut, from)) {
  }
  void *zeros = mmap(
      (void *)from, end - from, PROT_READ, MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return zeros != MAP_FAILED;
}

// Puts the action back that no handler stood for: the default, or to ignore. A fault comes again
// when the handler returns and meets that action; a signal that a process sent has to be repeated.
static void restore(int number, const struct sigaction *old, const siginfo_t *info) {
#ifdef __APPLE__
  // macOS does not say which of the two it is; repeating does no harm to a fault.
  (void)info;
  bool sent = true;
#else
  bool sent = info->si_code <= 0;
  if (sent && old->sa_handler == SIG_IGN) return;
#endif
  sigaction(number, old, NULL);
  // Blocked until the handler returns.
  if (sent) raise(number);
}

// Does what would have been done without this file.
static void pass_on(int number, siginfo_t *info, void *context) {
  int index = 0;
  while (index < signal_count - 1 && signals[index] != number) index += 1;
  const struct sigaction *old = &before[index];
  if (old->sa_handler == SIG_DFL || old->sa_handler == SIG_IGN) {
    restore(number, old, info);
    return;
  }
  if ((old->sa_flags & (int)SA_RESETHAND) != 0) signal(number, SIG_DFL);
  if ((old->sa_flags & SA_SIGINFO) != 0) {
    old->sa_sigaction(number, info, context);
  } else {
    old->sa_handler(number);
  }
}

static void handle(int number, siginfo_t *info, void *context) {
  int code = errno;
  if (!is_missing_page(info, context) || !fill((uintptr_t)info->si_addr)) {
    pass_on(number, info, context);
  }
  errno = code;
}

// Installs the handler once. It is not put back should another library replace it: a handler that
// passes on to this one would then be called by it in turn, without end. Under the mutex.
static bool install(void) {
  if (installed) return true;
  page_size = (uintptr_t)sysconf(_SC_PAGESIZE);
  for (int index = 0; index < signal_count; index += 1) {
    // Asked for first: the handler may run as soon as it is installed.
    if (sigaction(signals[index], NULL, &before[index]) != 0) return false;
    struct sigaction action = {0};
    action.sa_sigaction = handle;
    // With the signals that the handler before wanted to be blocked.
    action.sa_mask = before[index].sa_mask;
    int kept = before[index].sa_flags & (SA_NODEFER | SA_RESTART);
    action.sa_flags = SA_SIGINFO | SA_ONSTACK | kept;
    if (sigaction(signals[index], &action, NULL) != 0) return false;
  }
  installed = true;
  return true;
}

// MARK: The interface

cmapguard_range *cmapguard_watch(const void *start, size_t length) {
  pthread_mutex_lock(&mutex);
  cmapguard_range *range = install() ? take_node() : NULL;
  if (range != NULL) {
    uintptr_t first = (uintptr_t)start;
    atomic_store(&range->cut, UINTPTR_MAX);
    set_bounds(range, first, (first + length + page_size - 1) & ~(page_size - 1));
  }
  pthread_mutex_unlock(&mutex);
  return range;
}

void cmapguard_unwatch(cmapguard_range *range) {
  pthread_mutex_lock(&mutex);
  set_bounds(range, 0, 0);
  range->next_free = free_nodes;
  free_nodes = range;
  pthread_mutex_unlock(&mutex);
}

size_t cmapguard_intact(const cmapguard_range *range) {
  // The copies that were made before must not be seen after the note.
  atomic_thread_fence(memory_order_seq_cst);
  uintptr_t cut = atomic_load(&range->cut);
  uintptr_t start = atomic_load(&range->start);
  uintptr_t end = atomic_load(&range->end);
  return (cut < end ? cut : end) - start;
}
