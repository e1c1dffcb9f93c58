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

#include "each.h"

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

#define SIDE 4 /* registers of columns at a time */
static void sum_rows(const Work *work) { /* out [1 n] = sum over the rows of x [m n], ascending */
    const Op *o = work->op;
    Real *out = numbers_of(work, OUT);
    const Real *x = numbers_of(work, FIRST);
    const int64_t row = o->operands[FIRST].row, column = o->operands[OUT].column;
    for (SHARE(j, o->n, SIDE * W); j += SIDE * W) {
        const int64_t left = o->n - j;
        V sum[SIDE] = {{0}};
        if (left >= SIDE * W)
            for (int64_t i = 0; i < o->m; i++)
                UNROLL for (int c = 0; c < SIDE; c++) sum[c] += *(const V *)(x + i * row + j + c * W);
        else
            for (int64_t i = 0; i < o->m; i++)
                UNROLL for (int c = 0; c < SIDE; c++) sum[c] += load_some(x + i * row + j + c * W, left - c * W);
        for (int64_t c = 0; c < SIDE * W && c < left; c++) out[(j + c) * column] = ((const Real *)sum)[c];
    }
}

#define CHAINS 16
static void sum_columns(const Work *work) { /* out [m 1] = sum over columns of x [m n]: 16 chains, then a fixed tree */
    const Op *o = work->op;
    for (SHARE(i, o->m, 1); i++) {
        const Real *x = numbers_of(work, FIRST) + i * o->operands[FIRST].row;
        const int64_t column = o->operands[FIRST].column;
        V chains[CHAINS / W] = {{0}};
        Real *sum = (Real *)chains;
        int64_t j = 0;
        if (column == 1)
            for (; j + CHAINS <= o->n; j += CHAINS)
                UNROLL for (int c = 0; c < CHAINS / W; c++) chains[c] += *(const V *)(x + j + c * W);
        else
            for (; j + CHAINS <= o->n; j += CHAINS)
                for (int l = 0; l < CHAINS; l++) sum[l] += x[(j + l) * column];
        for (int l = 0; j < o->n; j++, l++) sum[l] += x[j * column];
        for (int half = CHAINS / 2; half; half /= 2)
            for (int l = 0; l < half; l++) sum[l] += sum[l + half];
        numbers_of(work, OUT)[i * o->operands[OUT].row] = sum[0];
    }
}

static void log_softmax(const Work *work) { /* out [m n] = x - log sum over rows of exp x, column by column */
    const Op *o = work->op;
    const Real *x = numbers_of(work, FIRST);
    Real *out = numbers_of(work, OUT);
    const int64_t row = o->operands[FIRST].row, to = o->operands[OUT].row;
    for (SHARE(j, o->n, W); j += W) {
        const int64_t left = o->n - j;
        V top = load_some(x + j, left), sum = {0};
        for (int64_t i = 1; i < o->m; i++) {
            const V here = load_some(x + i * row + j, left);
            top = pick(here > top, here, top);
        }
        for (int64_t i = 0; i < o->m; i++) sum += exponential(load_some(x + i * row + j, left) - top);
        sum = logarithm(sum);
        for (int64_t i = 0; i < o->m; i++) store_some(out + i * to + j, load_some(x + i * row + j, left) - top - sum, left);
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

#define PIECES(j, n) SHARE(j, n, 64); j += W
static void descend(const Work *work) {
    Real *w = numbers_of(work, OUT), *g = numbers_of(work, FIRST);
    const int64_t n = work->op->n;
    const V step = all(-rate_of(work, FOURTH));
    for (PIECES(j, n)) store_some(w + j, fma_v(step, load_some(g + j, n - j), load_some(w + j, n - j)), n - j);
}

static void descend_with_momentum(const Work *work) { /* numbers: mu, whether to look ahead */
    Real *w = numbers_of(work, OUT), *g = numbers_of(work, FIRST), *v = numbers_of(work, SECOND);
    const int64_t n = work->op->n;
    const int ahead = work->op->numbers[1] != 0;
    const V step = all(-rate_of(work, FOURTH)), mu = all(setting(work, 0));
    for (PIECES(j, n)) {
        const V slope = load_some(g + j, n - j), speed = fma_v(mu, load_some(v + j, n - j), slope);
        store_some(v + j, speed, n - j);
        store_some(w + j, fma_v(step, ahead ? fma_v(mu, speed, slope) : speed, load_some(w + j, n - j)), n - j);
    }
}

static void adam(const Work *work) { /* numbers: beta1, beta2, epsilon */
    Real *w = numbers_of(work, OUT), *g = numbers_of(work, FIRST);
    Real *m = numbers_of(work, SECOND), *r = numbers_of(work, THIRD);
    const int64_t n = work->op->n;
    const double beta1 = work->op->numbers[0], beta2 = work->op->numbers[1];
    const double rate = *(const double *)place(work, FOURTH, sizeof(double));
    const V step = all((Real)(-rate / (1 - raised(beta1, work->counted))));
    const V scale_of = all((Real)(1 / (1 - raised(beta2, work->counted))));
    const V keep1 = C(beta1), keep2 = C(beta2), rest1 = C(1 - beta1), rest2 = C(1 - beta2);
    const V epsilon = all(setting(work, 2));
    for (PIECES(j, n)) {
        const V slope = load_some(g + j, n - j), mean = fma_v(keep1, load_some(m + j, n - j), rest1 * slope);
        const V square = fma_v(keep2, load_some(r + j, n - j), rest2 * slope * slope);
        store_some(m + j, mean, n - j), store_some(r + j, square, n - j);
        const V moved = load_some(w + j, n - j) + step * mean / (root_v(square * scale_of) + epsilon);
        store_some(w + j, moved, n - j);
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

static const struct {
    const char *name;
    void (*run)(const Work *);
    Kernel each; /* where it treats numbers one by one, and how many matrices it reads */
    int reads;
} LOOPS[] = {
#define L(name) {#name, name, 0, 0}
#define E(name, reads) {#name, 0, name, reads}
    L(gather), L(product), L(codes), L(look_up), L(add_rows), L(count), L(power), L(double_subtract),
    L(double_divide), L(rounded), L(sum_rows), L(sum_columns), L(log_softmax), L(descend), L(descend_with_momentum),
    L(adam),
    E(copy, 1), E(fill, 1), E(scale, 1), E(magnitude_each, 1), E(clamp_by, 1), E(sign, 1), E(root, 1),
    E(inverse_root, 1), E(reciprocal, 1), E(exponential_each, 1), E(softplus_each, 1), E(rectify, 1), E(tanh_each, 1),
    E(sigmoid_each, 1), E(leaky, 1), E(elu, 1), E(silu, 1), E(gelu, 1),
    E(add, 2), E(multiply_each, 2), E(divide, 2), E(approach_by, 2), E(larger, 2), E(at_least, 2), E(count_finite, 2),
    E(rectify_back, 2), E(tanh_back, 2), E(sigmoid_back, 2), E(leaky_back, 2), E(elu_back, 2), E(silu_back, 2),
    E(gelu_back, 2),
    E(multiply_add, 3), E(approach, 3), E(clamp, 3),
};

INLINE void perform(const Work *work) {
    const int64_t loop = work->op->loop;
    if (LOOPS[loop].run) LOOPS[loop].run(work);
    else sweep(work, LOOPS[loop].each, LOOPS[loop].reads);
}

typedef struct {
    const Op *ops;
    float *counters;     /* steps done by every slot; none when nothing is trained */
    const int64_t *live; /* the slots at work */
    int64_t count, steps, first; /* operations; steps of a slot, and the first of them */
} Task;

#define EXPORT __attribute__((visibility("default")))

EXPORT const char *loop_name(int64_t number) {
    return number < (int64_t)(sizeof LOOPS / sizeof *LOOPS) ? LOOPS[number].name : 0;
}
EXPORT const char *sources(void) { return SOURCES; }

#include "epoch.h"

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

/* Unit number u is step u mod steps of the live slot u / steps: a slot runs its steps in a row, its numbers stay in the
 * caches. */
static void *work_through(void *given) {
    const Seat *seat = given;
    Team *team = seat->team;
    const Task *task = team->task;
    const uint64_t before = flush_small();
    while (!atomic_load(&team->begun)) sched_yield();
    for (int64_t unit = team->unit; unit < team->end; unit++) {
        Work work = {0, task->live[unit / task->steps], task->first + unit % task->steps, 0, seat->part, team->parts};
        if (task->counters) {
            if (seat->part == 0) task->counters[work.slot] += 1;
            meet(team);
            work.counted = (int64_t)task->counters[work.slot];
        }
        for (work.op = task->ops; work.op < task->ops + task->count; work.op++)
            if (work.op->first <= work.slot && work.slot < work.op->last) {
                perform(&work);
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

#include "trial.h"
