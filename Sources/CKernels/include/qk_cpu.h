/// Which instruction set the kernels use.
#ifndef QK_CPU_H
#define QK_CPU_H

/// The instruction sets the kernels know, lowest first; each includes those before it.
typedef enum qk_isa {
  /// Plain C; any processor.
  QK_ISA_NONE = 0,
  /// AVX2, FMA and F16C.
  QK_ISA_AVX2 = 1,
  /// AVX-512 F, BW, VL and DQ.
  QK_ISA_AVX512 = 2,
  /// AVX-512 with VNNI (8-bit dot products).
  QK_ISA_AVX512_VNNI = 3,
} qk_isa;

/// The best instruction set this processor and operating system support.
qk_isa qk_isa_detected(void);

/// The instruction set in use: the detected one, or a lower one named by the environment variable `QREPL_ISA`
/// (`none`, `avx2`, `avx512`, `avx512_vnni`; read once) or by `qk_isa_force`.
qk_isa qk_isa_active(void);

/// Uses `isa` from now on in all threads, or the detected one where `isa` is higher. Returns what is in use.
/// For tests and measurements; results do not change, only speed.
qk_isa qk_isa_force(qk_isa isa);

/// The name of `isa` as `QREPL_ISA` takes it.
const char *qk_isa_name(qk_isa isa);

#endif
