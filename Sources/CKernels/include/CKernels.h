/// Inner loops of qrepl on raw pointers, chosen at run time by what the processor has.
///
/// Two promises hold for every function here:
/// * integers are exact on every processor: no saturating shortcut may change a result;
/// * floats have one defined order of rounded operations, so every instruction set gives the same bits, and a row's
///   result does not depend on how many rows are computed with it. Only which of the NaNs a NaN is may differ.
///
/// Matrices are row-major; `ld…` is the distance between rows in elements. No function allocates or keeps state, so
/// all may be called from several threads at once. Pointers need no alignment; 64 bytes is fastest for packed weights.
#ifndef CKERNELS_H
#define CKERNELS_H

#include "qk_cpu.h"
#include "qk_activation.h"
#include "qk_attention.h"
#include "qk_conv.h"
#include "qk_checksum.h"
#include "qk_convert.h"
#include "qk_softmax.h"
#include "qk_f32_gemm.h"
#include "qk_interrupt.h"
#include "qk_quantize.h"
#include "qk_s8_gemm.h"
#include "qk_lstm.h"
#include "qk_normalize.h"
#include "qk_pointwise.h"
#include "qk_complex.h"
#include "qk_random.h"
#include "qk_reduce.h"
#include "qk_sort.h"
#include "qk_sparse.h"
#include "qk_threads.h"

#endif
