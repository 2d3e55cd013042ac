#include "kernels.h"
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#if defined(__x86_64__)
#include <cpuid.h>

/// The register states the operating system saves (XCR0), 0 where it does not say.
static unsigned long saved_states(unsigned leaf1_ecx) {
  if (!(leaf1_ecx & bit_OSXSAVE)) return 0;
  unsigned low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return ((unsigned long)high << 32) | low;
}

qk_isa qk_isa_detected(void) {
  unsigned a, b, c, d;
  if (!__get_cpuid(1, &a, &b, &c, &d)) return QK_ISA_NONE;
  const unsigned long states = saved_states(c);
  const unsigned long ymm = 0x6, zmm = 0xe6;
  if ((states & ymm) != ymm || !(c & bit_AVX) || !(c & bit_FMA) || !(c & bit_F16C)) return QK_ISA_NONE;
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || !(b & bit_AVX2)) return QK_ISA_NONE;
  const unsigned wide = bit_AVX512F | bit_AVX512BW | bit_AVX512VL | bit_AVX512DQ;
  if ((states & zmm) != zmm || (b & wide) != wide) return QK_ISA_AVX2;
  return (c & bit_AVX512VNNI) ? QK_ISA_AVX512_VNNI : QK_ISA_AVX512;
}
#else
qk_isa qk_isa_detected(void) { return QK_ISA_NONE; }
#endif

static const char *const isa_names[] = {"none", "avx2", "avx512", "avx512_vnni"};

const char *qk_isa_name(qk_isa isa) {
  return (unsigned)isa < sizeof isa_names / sizeof *isa_names ? isa_names[isa] : "unknown";
}

static const qk_kernels *const tables[] = {
    &qk_kernels_scalar,
#if defined(__x86_64__)
    &qk_kernels_avx2,
    &qk_kernels_avx512,
    &qk_kernels_avx512_vnni,
#endif
};

static _Atomic(const qk_kernels *) active_table;

static const qk_kernels *use(qk_isa isa) {
  const qk_isa best = qk_isa_detected();
  const qk_kernels *table = tables[(unsigned)isa < (unsigned)best ? isa : best];
  atomic_store_explicit(&active_table, table, memory_order_release);
  return table;
}

/// The first use, also when several threads come at once: all arrive at the same table.
static const qk_kernels *use_environment(void) {
  const char *wanted = getenv("QREPL_ISA");
  qk_isa isa = QK_ISA_AVX512_VNNI;
  for (unsigned i = 0; wanted && i < sizeof isa_names / sizeof *isa_names; i++)
    if (!strcmp(wanted, isa_names[i])) isa = (qk_isa)i;
  return use(isa);
}

const qk_kernels *qk_active_kernels(void) {
  const qk_kernels *table = atomic_load_explicit(&active_table, memory_order_acquire);
  return __builtin_expect(table != NULL, 1) ? table : use_environment();
}

qk_isa qk_isa_active(void) { return qk_active_kernels()->isa; }

qk_isa qk_isa_force(qk_isa isa) { return use(isa)->isa; }
