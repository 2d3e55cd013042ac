#if defined(__x86_64__)
#include "simd_avx2.h"
#include "sleef_call.h"
#include <math.h>
#include <string.h>

QK_EACH_VECTOR(each_vector, "vmovups", "ymm", "32")
#define QK_EACH each_vector
#define QK_SLEEF_F(name, u) Sleef_finz_##name##f8_##u##avx2
#define QK_SLEEF_D(name, u) Sleef_finz_##name##d4_##u##avx2

#include "arithmetic_body.h"
#include "functions_body.h"
#include "reduce_body.h"
#include "normalize_body.h"
#include "normal_body.h"
#define QK_TABLE_NAME qk_loops_avx2
#include "loops_table.h"
#endif
