#if defined(__x86_64__)
#include "simd_avx512.h"
#include "sleef_call.h"
#include <math.h>
#include <string.h>

QK_EACH_VECTOR(each_vector, "vmovups", "zmm", "64")
#define QK_EACH each_vector
#define QK_SLEEF_F(name, u) Sleef_finz_##name##f16_##u##avx512f
#define QK_SLEEF_D(name, u) Sleef_finz_##name##d8_##u##avx512f

#include "arithmetic_body.h"
#include "functions_body.h"
#include "reduce_body.h"
#include "normalize_body.h"
#include "normal_body.h"
#define QK_TABLE_NAME qk_loops_avx512
#include "loops_table.h"
#endif
