#include "CRows.h"

extern const crows_table crows_baseline;

#if defined(__x86_64__)
extern const crows_table crows_x86_64_v3, crows_x86_64_v4;
static const crows_table *const tables[] = {
  &crows_x86_64_v4, &crows_x86_64_v3, &crows_baseline, 0};
#else
static const crows_table *const tables[] = {&crows_baseline, 0};
#endif

const crows_table *const *crows_all(void) { return tables; }

int crows_runs_modules(void) {
#if defined(__x86_64__)
  return __builtin_cpu_supports("x86-64-v3");
#else
  return 1;
#endif
}

int crows_runs(const crows_table *table) {
#if defined(__x86_64__)
  if (table == &crows_x86_64_v4) return __builtin_cpu_supports("x86-64-v4");
  if (table == &crows_x86_64_v3) return __builtin_cpu_supports("x86-64-v3");
#endif
  return table == &crows_baseline;
}
