/* The steps of an epoch as a list of loops over numbers, for one slot after the other, in one call without Python.
 *
 * Compiled once for float32 and once for float64 (DOUBLE), without contraction and without fast-math. Every sum is one
 * chain, or a fixed tree, in an order that nothing but its length decides; every other loop treats numbers one by one.
 * So no compiler, register width, alignment or neighbour can change a bit.
 */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "vector.h"
#include "elementary.h"
#include "product.h"

typedef struct { /* where a matrix of a slot lies at a step; distances in numbers */
    void *at;
    int64_t step, slot, row, column;
} Operand;

enum { OUT, FIRST, SECOND, THIRD, FOURTH, OPERANDS };

typedef struct {
    int64_t loop, first, last, m, n, k; /* slots first .. last - 1; m rows, n columns, k summed */
    Operand operands[OPERANDS];
    double numbers[4];
} Op;

typedef struct { /* an operation at work on one slot at one step */
    const Op *op;
    int64_t slot, step, counted; /* counted: steps of the slot's whole training, this one included */
    int part, parts;             /* of the threads that share every operation: who computes a number never shows in it */
} Work;

/* Where a part's share of n begins, in whole stretches of some unit. */
INLINE int64_t share(const Work *work, int64_t n, int64_t unit, int next) {
    const int part = work->part + next;
    return part == work->parts ? n : n / unit * part / work->parts * unit;
}
#define SHARE(var, n, unit) int64_t var = share(work, n, unit, 0), end_of_##var = share(work, n, unit, 1); var < end_of_##var

INLINE void *place(const Work *work, int which, size_t size) {
    const Operand *x = &work->op->operands[which];
    return x->at ? (char *)x->at + (x->step * work->step + x->slot * work->slot) * (int64_t)size : 0;
}
INLINE Real *numbers_of(const Work *work, int which) { return place(work, which, sizeof(Real)); }
INLINE Real setting(const Work *work, int which) { return (Real)work->op->numbers[which]; }

/* ---- loops over single numbers --------------------------------------------------------------------------------- */

#define SWEEP(os, xs, ys, zs, value)                                       \
    ELEMENTWISE for (int64_t j = 0; j < n; j++) {                          \
        const Real x = X[j * (xs)], y = Y[j * (ys)], z = Z[j * (zs)];      \
        (void)x, (void)y, (void)z;                                         \
        out[j * (os)] = (value);                                           \
    }
#define EACH(name, value, SWEEPS)                                                                               \
    static void name(const Work *work) {                                                                        \
        const Operand *o = work->op->operands;                                                                  \
        Real *base = numbers_of(work, OUT), *xs = numbers_of(work, FIRST), *ys = numbers_of(work, SECOND);      \
        Real *zs = numbers_of(work, THIRD);                                                                     \
        const int64_t rows = work->op->m, wide = work->op->n, from = rows == 1 ? share(work, wide, 64, 0) : 0;   \
        const int64_t n = (rows == 1 ? share(work, wide, 64, 1) : wide) - from, a = o[OUT].column, b = o[FIRST].column, c = o[SECOND].column;            \
        const int64_t d = o[THIRD].column;                                                                      \
        const Real p = setting(work, 0), p2 = setting(work, 1);                                                 \
        (void)p, (void)p2;                                                                                      \
        const int64_t first = rows == 1 ? 0 : share(work, rows, 1, 0), last = rows == 1 ? 1 : share(work, rows, 1, 1); \
        for (int64_t i = first; i < last; i++) {                                                                \
            Real *out = base + i * o[OUT].row + from * a;                                                       \
            const Real *X = xs + i * o[FIRST].row + from * b, *Y = ys + i * o[SECOND].row + from * c;           \
            const Real *Z = zs + i * o[THIRD].row + from * d;                                                   \
            SWEEPS(value)                                                                                       \
        }                                                                                                       \
    }
/* operands lie side by side, or the second or third is one number for the whole row, or anyhow */
#define ONE(value) if (a == 1 && b == 1) SWEEP(1, 1, 1, 1, value) else SWEEP(a, b, c, d, value)
#define TWO(value)                                                 \
    if (a == 1 && b == 1 && c == 1) SWEEP(1, 1, 1, 1, value)       \
    else if (a == 1 && b == 1 && c == 0) SWEEP(1, 1, 0, 1, value)  \
    else SWEEP(a, b, c, d, value)
#define THREE(value)                                                         \
    if (a == 1 && b == 1 && c == 1 && d == 1) SWEEP(1, 1, 1, 1, value)       \
    else if (a == 1 && b == 1 && c == 1 && d == 0) SWEEP(1, 1, 1, 0, value)  \
    else if (a == 1 && b == 1 && c == 0 && d == 0) SWEEP(1, 1, 0, 0, value)  \
    else SWEEP(a, b, c, d, value)

EACH(copy, x, ONE)
EACH(fill, p, ONE)
EACH(add, fma1(p, y, x), TWO)
EACH(multiply_each, x *y, TWO)
EACH(scale, p *x, ONE)
EACH(divide, x / y, TWO)
EACH(multiply_add, fma1(p * y, z, x), THREE)
EACH(approach, fma1(z, y - x, x), THREE)
EACH(approach_by, fma1(p, y - x, x), TWO)
EACH(larger, x < y ? y : x, TWO)
EACH(magnitude_each, magnitude(x), ONE)
EACH(clamp, x < y ? y : x > z ? z : x, THREE)
EACH(clamp_by, x < p ? p : x > p2 ? p2 : x, ONE)
EACH(at_least, x >= y ? 1 : 0, TWO)
EACH(sign, (Real)(x > 0) - (Real)(x < 0) + (x - x), ONE)
EACH(root, root1(x), ONE)
EACH(inverse_root, 1 / root1(x), ONE)
EACH(reciprocal, 1 / x, ONE)
EACH(exponential_each, exponential(x), ONE)
EACH(softplus_each, softplus(x), ONE)
EACH(count_finite, x + (y - y == 0 ? 1 : 0), TWO)

EACH(rectify, x < 0 ? 0 : x, ONE)
EACH(rectify_back, y <= 0 ? 0 : x, TWO)
EACH(tanh_each, hyperbolic_tangent(x), ONE)
EACH(tanh_back, x *fma1(-y, y, (Real)1), TWO)
EACH(sigmoid_each, sigmoid(x), ONE)
EACH(sigmoid_back, x *(y * (1 - y)), TWO)
EACH(leaky, x < 0 ? p * x : x, ONE)
EACH(leaky_back, y > 0 ? x : p * x, TWO)
EACH(elu, x > 0 ? x : exponential_less_one(x), ONE)
EACH(elu_back, y > 0 ? x : x * (y + 1), TWO)
EACH(silu, x *sigmoid(x), ONE)
EACH(gelu, x *normal_below(x), ONE)
EACH(gelu_back, x *fma1(y, normal_density(y), normal_below(y)), TWO)
EACH(silu_back, x *(sigmoid(y) * fma1(y, 1 - sigmoid(y), (Real)1)), TWO)

/* ---- gathers and sums ------------------------------------------------------------------------------------------ */

static void gather(const Work *work) { /* out [m n] = rows of the first operand by the numbers in the second */
    const Op *o = work->op;
    Real *out = numbers_of(work, OUT);
    const Real *table = numbers_of(work, FIRST);
    const int32_t *order = place(work, SECOND, sizeof(int32_t));
    for (SHARE(i, o->m, 1); i++)
        memcpy(out + i * o->operands[OUT].row, table + order[i] * o->operands[FIRST].row, sizeof(Real) * (size_t)o->n);
}

static void codes(const Work *work) { /* out [m n] = x as whole numbers */
    const Op *o = work->op;
    int64_t *out = place(work, OUT, sizeof(int64_t));
    const Real *x = numbers_of(work, FIRST);
    for (SHARE(i, o->m, 1); i++)
        for (int64_t j = 0; j < o->n; j++)
            out[i * o->operands[OUT].row + j * o->operands[OUT].column] =
                (int64_t)x[i * o->operands[FIRST].row + j * o->operands[FIRST].column];
}

static void look_up(const Work *work) { /* out [m n] = rows of the table by the codes of every row */
    const Op *o = work->op;
    Real *out = numbers_of(work, OUT);
    const Real *table = numbers_of(work, FIRST);
    const int64_t *code = place(work, SECOND, sizeof(int64_t));
    for (SHARE(i, o->m, 1); i++)
        for (int64_t j = 0; j < o->n; j++)
            out[i * o->operands[OUT].row + j] = table[code[i * o->operands[SECOND].row] * o->operands[FIRST].row + j];
}

static void add_rows(const Work *work) { /* rows of out by code += x [m n], ascending */
    const Op *o = work->op;
    Real *out = numbers_of(work, OUT);
    const Real *x = numbers_of(work, FIRST);
    const int64_t *code = place(work, SECOND, sizeof(int64_t));
    for (int64_t i = 0; i < o->m && work->part == 0; i++)
        for (int64_t j = 0; j < o->n; j++)
            out[code[i * o->operands[SECOND].row] * o->operands[OUT].row + j] += x[i * o->operands[FIRST].row + j];
}

#define SIDE 64
static void sum_rows(const Work *work) { /* out [1 n] = sum over the rows of x [m n], ascending */
    const Op *o = work->op;
    Real *out = numbers_of(work, OUT), sum[SIDE];
    const Real *x = numbers_of(work, FIRST);
    const int64_t row = o->operands[FIRST].row;
    for (SHARE(j, o->n, SIDE); j += SIDE) {
        const int64_t wide = o->n - j < SIDE ? o->n - j : SIDE;
        for (int64_t c = 0; c < wide; c++) sum[c] = 0;
        if (wide == SIDE)
            for (int64_t i = 0; i < o->m; i++)
                for (int64_t c = 0; c < SIDE; c++) sum[c] += x[i * row + j + c];
        else
            for (int64_t i = 0; i < o->m; i++)
                for (int64_t c = 0; c < wide; c++) sum[c] += x[i * row + j + c];
        for (int64_t c = 0; c < wide; c++) out[(j + c) * o->operands[OUT].column] = sum[c];
    }
}

static void sum_columns(const Work *work) { /* out [m 1] = sum over columns of x [m n]: 16 chains, then a fixed tree */
    const Op *o = work->op;
    for (SHARE(i, o->m, 1); i++) {
        const Real *x = numbers_of(work, FIRST) + i * o->operands[FIRST].row;
        const int64_t column = o->operands[FIRST].column;
        Real sum[16] = {0};
        int64_t j = 0;
        for (; j + 16 <= o->n; j += 16)
            for (int l = 0; l < 16; l++) sum[l] += x[(j + l) * column];
        for (int l = 0; j < o->n; j++, l++) sum[l] += x[j * column];
        for (int half = 8; half; half /= 2)
            for (int l = 0; l < half; l++) sum[l] += sum[l + half];
        numbers_of(work, OUT)[i * o->operands[OUT].row] = sum[0];
    }
}

static void log_softmax(const Work *work) { /* out [m n] = x - log sum over rows of exp x, column by column */
    const Op *o = work->op;
    const Real *x = numbers_of(work, FIRST);
    Real *out = numbers_of(work, OUT);
    const int64_t row = o->operands[FIRST].row, to = o->operands[OUT].row;
    for (SHARE(j, o->n, SIDE); j += SIDE) {
        Real top[SIDE], sum[SIDE];
        const int64_t wide = o->n - j < SIDE ? o->n - j : SIDE;
        for (int64_t c = 0; c < wide; c++) top[c] = x[j + c], sum[c] = 0;
        for (int64_t i = 1; i < o->m; i++)
            for (int64_t c = 0; c < wide; c++) top[c] = x[i * row + j + c] > top[c] ? x[i * row + j + c] : top[c];
        for (int64_t i = 0; i < o->m; i++)
            for (int64_t c = 0; c < wide; c++) sum[c] += exponential(x[i * row + j + c] - top[c]);
        for (int64_t c = 0; c < wide; c++) sum[c] = logarithm(sum[c]);
        for (int64_t i = 0; i < o->m; i++)
            for (int64_t c = 0; c < wide; c++) out[i * to + j + c] = x[i * row + j + c] - top[c] - sum[c];
    }
}

static void product(const Work *work) { /* third operand: what is added first; fourth: bias or gate; see product.h */
    const Op *o = work->op;
    const Operand *x = o->operands;
    const int rectified = o->numbers[0] != 0, gated = o->numbers[1] != 0;
    const Real *fourth = numbers_of(work, FOURTH);
    const Product made = {
        .m = o->m, .n = o->n, .k = o->k,
        .a = numbers_of(work, FIRST), .a_row = x[FIRST].row, .a_column = x[FIRST].column,
        .b = numbers_of(work, SECOND), .b_row = x[SECOND].row, .b_column = x[SECOND].column,
        .start = numbers_of(work, THIRD), .start_row = x[THIRD].row,
        .bias = gated ? 0 : fourth, .rectified = rectified,
        .gate = gated ? fourth : 0, .gate_row = x[FOURTH].row,
        .out = numbers_of(work, OUT), .out_row = x[OUT].row,
    };
    multiply(&made, work->part, work->parts);
}

/* ---- optimizers: out = w, then g, states, and the learning rate as a double ------------------------------------- */

static Real rate_of(const Work *work, int which) { return (Real) * (const double *)place(work, which, sizeof(double)); }

static double raised(double base, int64_t exponent) { /* by squaring: no pow, whose last bit differs */
    double power = 1;
    for (; exponent; exponent >>= 1, base *= base)
        if (exponent & 1) power *= base;
    return power;
}

static void descend(const Work *work) {
    Real *w = numbers_of(work, OUT), *g = numbers_of(work, FIRST);
    const Real step = -rate_of(work, FOURTH);
    ELEMENTWISE for (SHARE(j, work->op->n, 64); j++) w[j] = fma1(step, g[j], w[j]);
}

static void descend_with_momentum(const Work *work) { /* numbers: mu, whether to look ahead */
    Real *w = numbers_of(work, OUT), *g = numbers_of(work, FIRST), *v = numbers_of(work, SECOND);
    const Real step = -rate_of(work, FOURTH), mu = setting(work, 0);
    if (work->op->numbers[1] != 0) {
        ELEMENTWISE for (SHARE(j, work->op->n, 64); j++) {
            v[j] = fma1(mu, v[j], g[j]);
            w[j] = fma1(step, fma1(mu, v[j], g[j]), w[j]);
        }
    } else {
        ELEMENTWISE for (SHARE(j, work->op->n, 64); j++) {
            v[j] = fma1(mu, v[j], g[j]);
            w[j] = fma1(step, v[j], w[j]);
        }
    }
}

static void adam(const Work *work) { /* numbers: beta1, beta2, epsilon */
    Real *w = numbers_of(work, OUT), *g = numbers_of(work, FIRST);
    Real *m = numbers_of(work, SECOND), *r = numbers_of(work, THIRD);
    const double beta1 = work->op->numbers[0], beta2 = work->op->numbers[1];
    const double rate = *(const double *)place(work, FOURTH, sizeof(double));
    const Real step = (Real)(-rate / (1 - raised(beta1, work->counted)));
    const Real scale = (Real)(1 / (1 - raised(beta2, work->counted)));
    const Real keep1 = (Real)beta1, keep2 = (Real)beta2, rest1 = (Real)(1 - beta1), rest2 = (Real)(1 - beta2);
    const Real epsilon = setting(work, 2);
    ELEMENTWISE for (SHARE(j, work->op->n, 64); j++) {
        const Real slope = g[j], mean = fma1(keep1, m[j], rest1 * slope);
        const Real square = fma1(keep2, r[j], rest2 * slope * slope);
        m[j] = mean, r[j] = square;
        w[j] = w[j] + step * mean / (root1(square * scale) + epsilon);
    }
}

/* ---- numbers of a group of slots, in double: the correction of a start at zero, 1 - beta^t ------------------------- */

INLINE double *double_of(const Work *work, int which) { return place(work, which, sizeof(double)); }

static void count(const Work *work) {
    if (work->part) return;
    *double_of(work, OUT) = (double)work->counted;
}
static void power(const Work *work) {
    if (work->part) return;
    *double_of(work, OUT) = raised(*double_of(work, FIRST), (int64_t)*double_of(work, SECOND));
}
static void double_subtract(const Work *work) {
    if (work->part) return;
    *double_of(work, OUT) = *double_of(work, FIRST) - *double_of(work, SECOND);
}
static void double_divide(const Work *work) {
    if (work->part) return;
    *double_of(work, OUT) = *double_of(work, FIRST) / *double_of(work, SECOND);
}
static void rounded(const Work *work) {
    if (work->part) return;
    *numbers_of(work, OUT) = (Real)*double_of(work, FIRST);
}

/* ---- the run --------------------------------------------------------------------------------------------------- */

static const struct { const char *name; void (*run)(const Work *); } LOOPS[] = {
#define L(name) {#name, name}
    L(gather), L(product), L(codes), L(look_up), L(add_rows), L(count), L(power), L(double_subtract), L(double_divide),
    L(rounded), L(sum_rows), L(sum_columns), L(log_softmax), L(descend), L(descend_with_momentum), L(adam),
    L(copy), L(fill), L(add), L(multiply_each), L(scale), L(divide), L(multiply_add), L(approach), L(approach_by), L(larger), L(magnitude_each), L(clamp), L(clamp_by),
    L(at_least), L(sign), L(root), L(inverse_root), L(reciprocal), L(exponential_each), L(softplus_each),
    L(count_finite), L(rectify), L(rectify_back), L(tanh_each), L(tanh_back), L(sigmoid_each), L(sigmoid_back),
    L(leaky), L(leaky_back), L(elu), L(elu_back), L(silu), L(silu_back), L(gelu), L(gelu_back),
};

typedef struct {
    const Op *ops;
    float *counters; /* steps done by every slot; none when nothing is trained */
    int64_t count, steps, first; /* operations; steps of a slot, and the first of them */
} Task;

#define EXPORT __attribute__((visibility("default")))

EXPORT const char *loop_name(int64_t number) {
    return number < (int64_t)(sizeof LOOPS / sizeof *LOOPS) ? LOOPS[number].name : 0;
}
EXPORT const char *sources(void) { return SOURCES; }

typedef struct {
    const Task *task;
    int64_t unit, end;
    int parts;
    atomic_int begun, arrived, phase;
} Team;

typedef struct {
    Team *team;
    int part;
} Seat;

/* Threads meet behind every operation. They spin for a moment, then yield: on a busy machine one is always elsewhere. */
static void meet(Team *team) {
    if (team->parts == 1) return;
    const int phase = atomic_load(&team->phase);
    if (atomic_fetch_add(&team->arrived, 1) == team->parts - 1) {
        atomic_store(&team->arrived, 0);
        atomic_fetch_add(&team->phase, 1);
        return;
    }
    for (int spins = 0; atomic_load(&team->phase) == phase;)
        if (++spins > 4000) sched_yield();
}

/* Unit number u is step u mod steps of slot u / steps: a slot runs its steps in a row, its numbers stay in the caches. */
static void *work_through(void *given) {
    const Seat *seat = given;
    Team *team = seat->team;
    const Task *task = team->task;
    const uint64_t before = flush_small();
    while (!atomic_load(&team->begun)) sched_yield();
    for (int64_t unit = team->unit; unit < team->end; unit++) {
        Work work = {0, unit / task->steps, task->first + unit % task->steps, 0, seat->part, team->parts};
        if (task->counters) {
            if (seat->part == 0) task->counters[work.slot] += 1;
            meet(team);
            work.counted = (int64_t)task->counters[work.slot];
        }
        for (work.op = task->ops; work.op < task->ops + task->count; work.op++)
            if (work.op->first <= work.slot && work.slot < work.op->last) {
                LOOPS[work.op->loop].run(&work);
                meet(team);
            }
    }
    restore_small(before);
    return 0;
}

#define MOST_THREADS 64
EXPORT void run(const Task *task, int64_t unit, int64_t end, int64_t threads) {
    Team team = {task, unit, end, 1, 0, 0, 0};
    pthread_t others[MOST_THREADS];
    Seat seats[MOST_THREADS];
    for (int i = 0; i < MOST_THREADS; i++) seats[i] = (Seat){&team, i};
    while (team.parts < threads && team.parts < MOST_THREADS &&
           pthread_create(&others[team.parts], 0, work_through, &seats[team.parts]) == 0)
        team.parts++;
    atomic_store(&team.begun, 1); /* they wait for it: now it is known how many there are */
    work_through(&seats[0]);
    for (int i = 1; i < team.parts; i++) pthread_join(others[i], 0);
}
