// The table of the loops that the bodies before have made.
#define QK_FLOATS(name) {name##_f32, name##_f64}
#define QK_FORMS(name) {name##_both, name##_second, name##_first}
#define QK_TYPES2(name) {QK_FORMS(name##_f32), QK_FORMS(name##_f64)}
#define QK_TYPES3(name) {QK_FORMS(name##_f32), QK_FORMS(name##_f64), QK_FORMS(name##_i64)}
#define QK_TYPES4(name) {QK_FORMS(name##_f32), QK_FORMS(name##_f64), QK_FORMS(name##_i64), QK_FORMS(name##_u8)}
#define QK_CHOICES(bits) {choose_##bits, choose_one_##bits, choose_else_one_##bits, choose_ones_##bits}

const qk_loops QK_TABLE_NAME = {
    .unary = {[QK_NEG] = QK_FLOATS(u_neg), [QK_ABS] = QK_FLOATS(u_abs), [QK_RELU] = QK_FLOATS(u_relu),
              [QK_SQUARE] = QK_FLOATS(u_square), [QK_SQRT] = QK_FLOATS(u_sqrt), [QK_RSQRT] = QK_FLOATS(u_rsqrt),
              [QK_RECIPROCAL] = QK_FLOATS(u_reciprocal), [QK_FLOOR] = QK_FLOATS(u_floor), [QK_CEIL] = QK_FLOATS(u_ceil),
              [QK_TRUNC] = QK_FLOATS(u_trunc), [QK_RINT] = QK_FLOATS(u_rint), [QK_EXP] = QK_FLOATS(f_exp),
              [QK_EXP2] = QK_FLOATS(f_exp2), [QK_EXPM1] = QK_FLOATS(f_expm1), [QK_LOG] = QK_FLOATS(f_log),
              [QK_LOG2] = QK_FLOATS(f_log2), [QK_LOG10] = QK_FLOATS(f_log10), [QK_LOG1P] = QK_FLOATS(f_log1p),
              [QK_SIN] = QK_FLOATS(f_sin), [QK_COS] = QK_FLOATS(f_cos), [QK_TAN] = QK_FLOATS(f_tan),
              [QK_ASIN] = QK_FLOATS(f_asin), [QK_ACOS] = QK_FLOATS(f_acos), [QK_ATAN] = QK_FLOATS(f_atan),
              [QK_SINH] = QK_FLOATS(f_sinh), [QK_COSH] = QK_FLOATS(f_cosh), [QK_TANH] = QK_FLOATS(f_tanh),
              [QK_ASINH] = QK_FLOATS(f_asinh), [QK_ACOSH] = QK_FLOATS(f_acosh), [QK_ATANH] = QK_FLOATS(f_atanh),
              [QK_ERF] = QK_FLOATS(f_erf), [QK_ERFC] = QK_FLOATS(f_erfc), [QK_SIGMOID] = QK_FLOATS(f_sigmoid),
              [QK_SILU] = QK_FLOATS(f_silu), [QK_GELU] = QK_FLOATS(f_gelu), [QK_GELU_TANH] = QK_FLOATS(f_gelu_tanh)},
    .unary_i64 = {[QK_NEG] = u_neg_i64, [QK_ABS] = u_abs_i64, [QK_RELU] = u_relu_i64, [QK_SQUARE] = u_square_i64},
    .binary = {[QK_ADD] = QK_TYPES3(b_add), [QK_SUB] = QK_TYPES3(b_sub), [QK_MUL] = QK_TYPES3(b_mul),
               [QK_DIV] = QK_TYPES2(b_div), [QK_MAXIMUM] = QK_TYPES3(b_maximum), [QK_MINIMUM] = QK_TYPES3(b_minimum),
               [QK_POW] = QK_TYPES2(b_pow), [QK_ATAN2] = QK_TYPES2(b_atan2)},
    .compare = {[QK_EQ] = QK_TYPES4(c_eq), [QK_NE] = QK_TYPES4(c_ne), [QK_LT] = QK_TYPES4(c_lt), [QK_LE] = QK_TYPES4(c_le)},
    .ternary = {[QK_ADDCMUL] = QK_FLOATS(t_addcmul), [QK_ADDCDIV] = QK_FLOATS(t_addcdiv), [QK_LERP] = QK_FLOATS(t_lerp),
                [QK_ADD_SCALED] = QK_FLOATS(t_add_scaled)},
    .choose = {QK_CHOICES(8), QK_CHOICES(16), QK_CHOICES(32), QK_CHOICES(64)},
    .clamp = {clamp_f32, clamp_f64, clamp_i64},
    .cast = {[QK_F32] = {[QK_F64] = cast_f32_f64, [QK_I64] = cast_f32_i64, [QK_BOOL] = cast_f32_bool},
             [QK_F64] = {[QK_F32] = cast_f64_f32, [QK_I64] = cast_f64_i64, [QK_BOOL] = cast_f64_bool},
             [QK_I64] = {[QK_F32] = cast_i64_f32, [QK_F64] = cast_i64_f64, [QK_I32] = cast_i64_i32, [QK_BOOL] = cast_i64_bool},
             [QK_I32] = {[QK_F32] = cast_i32_f32, [QK_F64] = cast_i32_f64, [QK_I64] = cast_i32_i64},
             [QK_U8] = {[QK_F32] = cast_u8_f32, [QK_F64] = cast_u8_f64, [QK_I64] = cast_u8_i64},
             [QK_BOOL] = {[QK_F32] = cast_bool_f32, [QK_F64] = cast_bool_f64, [QK_I64] = cast_bool_i64}},
    .sum_f32 = sum_f32,
    .sum_f64 = sum_f64,
    .sum_i64 = sum_i64,
    .sum_u8 = sum_u8,
    .squares_f32 = squares_f32,
    .squares_f64 = squares_f64,
    .extreme_f32 = {least_f32, greatest_f32},
    .extreme_f64 = {least_f64, greatest_f64},
    .extreme_i64 = {least_i64, greatest_i64},
    .find_f32 = find_f32,
    .sum_columns_f32 = sum_columns_f32,
    .sum_columns_f64 = sum_columns_f64,
    .extreme_columns_f32 = {least_columns_f32, greatest_columns_f32},
    .uniform_f32 = uniform_f32,
    .renew_mt = renew_mt,
};
