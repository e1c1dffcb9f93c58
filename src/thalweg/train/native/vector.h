/* One register of numbers, on every processor: fused multiply-add, and the width in which products keep their sums. */
#include <stdint.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline))
#if defined(__clang__)
#define UNROLL _Pragma("unroll")
#else
#define UNROLL _Pragma("GCC unroll 16")
#endif

#if DOUBLE
typedef double Real;
typedef int64_t Whole; /* as wide as a number */
#else
typedef float Real;
typedef int32_t Whole;
#endif

#if defined(__AVX2__) || defined(__AVX512F__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif
#ifndef BYTES /* of a register; tests name others than the processor's own, which compilers then make up */
#if defined(__AVX512F__)
#define BYTES 64
#elif defined(__AVX2__) && defined(__FMA__)
#define BYTES 32
#else
#define BYTES 16
#endif
#endif
#if BYTES == 64
#define ROWS 8 /* a tile of sums: ROWS by WIDE registers */
#define WIDE 2
#elif BYTES == 32
#define ROWS 6
#define WIDE 2
#else
#define ROWS 6
#define WIDE 4
#endif
#if BYTES == 64 && defined(__AVX512F__) /* whose own instructions are written */
#define IS_AVX512 1
#elif BYTES == 32 && defined(__AVX2__) && defined(__FMA__)
#define IS_AVX2 1
#elif BYTES == 16 && defined(__aarch64__)
#define IS_NEON 1
#endif
#if defined(__SSE__)
#include <xmmintrin.h>
#endif

typedef Real V __attribute__((vector_size(BYTES), aligned(DOUBLE ? 8 : 4), may_alias));
typedef Whole VWhole __attribute__((vector_size(BYTES), aligned(DOUBLE ? 8 : 4), may_alias));
#define W ((int)(BYTES / sizeof(Real)))
#define PANEL (W * WIDE)

INLINE V all(Real x) { return x - (V){0}; }
#define C(number) all((Real)(number))

INLINE V fma_v(V a, V b, V c) {
#if IS_AVX512 && DOUBLE
    return (V)_mm512_fmadd_pd((__m512d)a, (__m512d)b, (__m512d)c);
#elif IS_AVX512
    return (V)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c);
#elif IS_AVX2 && DOUBLE
    return (V)_mm256_fmadd_pd((__m256d)a, (__m256d)b, (__m256d)c);
#elif IS_AVX2
    return (V)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c);
#elif IS_NEON && DOUBLE
    return (V)vfmaq_f64((float64x2_t)c, (float64x2_t)a, (float64x2_t)b);
#elif IS_NEON
    return (V)vfmaq_f32((float32x4_t)c, (float32x4_t)a, (float32x4_t)b);
#else
    for (int i = 0; i < W; i++) /* right but slow: the C library's */
        c[i] = DOUBLE ? (Real)__builtin_fma(a[i], b[i], c[i]) : (Real)__builtin_fmaf(a[i], b[i], c[i]);
    return c;
#endif
}

INLINE V root_v(V x) {
#if IS_AVX512 && DOUBLE
    return (V)_mm512_sqrt_pd((__m512d)x);
#elif IS_AVX512
    return (V)_mm512_sqrt_ps((__m512)x);
#elif IS_AVX2 && DOUBLE
    return (V)_mm256_sqrt_pd((__m256d)x);
#elif IS_AVX2
    return (V)_mm256_sqrt_ps((__m256)x);
#elif IS_NEON && DOUBLE
    return (V)vsqrtq_f64((float64x2_t)x);
#elif IS_NEON
    return (V)vsqrtq_f32((float32x4_t)x);
#else
    for (int i = 0; i < W; i++) x[i] = DOUBLE ? (Real)__builtin_sqrt(x[i]) : (Real)__builtin_sqrtf(x[i]);
    return x;
#endif
}

INLINE V pick(VWhole where, V x, V other) { return (V)(((VWhole)x & where) | ((VWhole)other & ~where)); }

/* Numbers [count] that may be fewer than a register's, the rest zeros; what lies behind them is not touched. */
#if IS_AVX2
static const Whole MASKS[16] = {-1, -1, -1, -1, -1, -1, -1, -1};
#endif

INLINE V load_some(const Real *from, int64_t count) {
    if (count >= W) return *(const V *)from;
    if (count <= 0) return (V){0};
#if IS_AVX512 && DOUBLE
    return (V)_mm512_maskz_loadu_pd((__mmask8)((1u << count) - 1), from);
#elif IS_AVX512
    return (V)_mm512_maskz_loadu_ps((__mmask16)((1u << count) - 1), from);
#elif IS_AVX2 && DOUBLE
    return (V)_mm256_maskload_pd(from, _mm256_loadu_si256((const __m256i *)(MASKS + 8 - count)));
#elif IS_AVX2
    return (V)_mm256_maskload_ps(from, _mm256_loadu_si256((const __m256i *)(MASKS + 8 - count)));
#else
    V x = {0};
    for (int64_t i = 0; i < count; i++) x[i] = from[i];
    return x;
#endif
}

INLINE void store_some(Real *to, V x, int64_t count) {
    if (count >= W) {
        *(V *)to = x;
        return;
    }
    if (count <= 0) return;
    const Real *from = (const Real *)&x; /* in pieces: some processors store slowly under a mask */
    if (W > 8 && count & 8) memcpy(to, from, 8 * sizeof(Real)), to += 8, from += 8;
    if (W > 4 && count & 4) memcpy(to, from, 4 * sizeof(Real)), to += 4, from += 4;
    if (W > 2 && count & 2) memcpy(to, from, 2 * sizeof(Real)), to += 2, from += 2;
    if (count & 1) *to = *from;
}

#if defined(__clang__)
#define MIX(x, y, ...) __builtin_shufflevector(x, y, __VA_ARGS__)
#else
#define MIX(x, y, ...) __builtin_shuffle(x, y, (FourWhole){__VA_ARGS__})
typedef Whole FourWhole __attribute__((vector_size(4 * sizeof(Real))));
#endif

/* Numbers too small for full precision count as zero: states of optimizers full of them take many times as long. */
#if defined(__SSE__)
INLINE uint64_t flush_small(void) { uint64_t before = _mm_getcsr(); _mm_setcsr((unsigned)before | 0x8040); return before; }
INLINE void restore_small(uint64_t before) { _mm_setcsr((unsigned)before); }
#elif defined(__aarch64__)
INLINE uint64_t flush_small(void) {
    uint64_t before;
    __asm__ volatile("mrs %0, fpcr" : "=r"(before));
    __asm__ volatile("msr fpcr, %0" : : "r"(before | (1ull << 24)));
    return before;
}
INLINE void restore_small(uint64_t before) { __asm__ volatile("msr fpcr, %0" : : "r"(before)); }
#else
INLINE uint64_t flush_small(void) { return 0; }
INLINE void restore_small(uint64_t before) { (void)before; }
#endif
