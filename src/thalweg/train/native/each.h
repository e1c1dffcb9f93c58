/* Loops that treat numbers one by one, a register at a time.
 *
 * Of every loop there is one, over rows of numbers side by side in whole registers; what lies otherwise, and what is left
 * of the last register, is brought there first.
 */

typedef struct {
    Real *at[1 + THIRD];
    int64_t row[1 + THIRD], mask[1 + THIRD]; /* mask: all ones, or 0 where one register serves for the whole row */
    int64_t rows, n;                         /* whole registers */
    Real one, two;                           /* the operation's numbers */
} Sweep;

typedef void (*Kernel)(const Sweep *);

#define EACH(name, value)                                                                                               \
    static void name(const Sweep *s) {                                                                                 \
        const V p = all(s->one), p2 = all(s->two);                                                                     \
        const int64_t n = s->n, b = s->mask[FIRST], c = s->mask[SECOND], d = s->mask[THIRD];                           \
        (void)p, (void)p2, (void)b, (void)c, (void)d;                                                                  \
        for (int64_t i = 0; i < s->rows; i++) {                                                                        \
            Real *out = s->at[OUT] + i * s->row[OUT];                                                                  \
            const Real *X = s->at[FIRST] + i * s->row[FIRST], *Y = s->at[SECOND] + i * s->row[SECOND];                 \
            const Real *Z = s->at[THIRD] + i * s->row[THIRD];                                                          \
            (void)X, (void)Y, (void)Z;                                                                                 \
            for (int64_t j = 0; j < n; j += W) {                                                                       \
                const V x = *(const V *)(X + (j & b)), y = *(const V *)(Y + (j & c)), z = *(const V *)(Z + (j & d));   \
                (void)x, (void)y, (void)z;                                                                             \
                *(V *)(out + j) = (value);                                                                             \
            }                                                                                                          \
        }                                                                                                              \
    }

EACH(copy, x)
EACH(fill, p)
EACH(add, fma_v(p, y, x))
EACH(multiply_each, x *y)
EACH(scale, p *x)
EACH(divide, x / y)
EACH(multiply_add, fma_v(p * y, z, x))
EACH(approach, fma_v(z, y - x, x))
EACH(approach_by, fma_v(p, y - x, x))
EACH(larger, pick(x < y, y, x))
EACH(magnitude_each, magnitude(x))
EACH(clamp, pick(x < y, y, pick(x > z, z, x)))
EACH(clamp_by, pick(x < p, p, pick(x > p2, p2, x)))
EACH(at_least, pick(x >= y, C(1), C(0)))
EACH(sign, pick(x > 0, C(1), C(0)) - pick(x < 0, C(1), C(0)) + (x - x))
EACH(root, root_v(x))
EACH(inverse_root, 1 / root_v(x))
EACH(reciprocal, 1 / x)
EACH(exponential_each, exponential(x))
EACH(softplus_each, softplus(x))
EACH(count_finite, x + pick(y - y == 0, C(1), C(0)))

EACH(rectify, pick(x < 0, C(0), x))
EACH(rectify_back, pick(y <= 0, C(0), x))
EACH(tanh_each, hyperbolic_tangent(x))
EACH(tanh_back, x *fma_v(-y, y, C(1)))
EACH(sigmoid_each, sigmoid(x))
EACH(sigmoid_back, x *(y * (1 - y)))
EACH(leaky, pick(x < 0, p *x, x))
EACH(leaky_back, pick(y > 0, x, p *x))
EACH(elu, pick(x > 0, x, exponential_less_one(x)))
EACH(elu_back, pick(y > 0, x, x *(y + 1)))
EACH(silu, x *sigmoid(x))
EACH(gelu, x *normal_below(x))
EACH(gelu_back, x *fma_v(y, normal_density(y), normal_below(y)))
EACH(silu_back, x *(sigmoid(y) * fma_v(y, 1 - sigmoid(y), C(1))))

#define SOME 256 /* numbers at a time where a register cannot be filled from where they lie */
static void bring(Real *room, const Real *from, int64_t column, int64_t n, int64_t whole) {
    for (int64_t j = 0; j < n; j++) room[j] = from[j * column];
    for (int64_t j = n; j < whole; j++) room[j] = 0;
}

/* One row in pieces that are brought into rooms, and taken back from there. */
static void sweep_piecewise(Kernel kernel, const Sweep *all_rows, const int64_t *column, int reads, int64_t i, int64_t from) {
    Real room[1 + THIRD][SOME] __attribute__((aligned(64)));
    Real *base[1 + THIRD];
    Sweep s = *all_rows;
    for (int q = 0; q <= reads; q++) base[q] = s.at[q] + i * s.row[q], s.at[q] = room[q], s.mask[q] = -1;
    for (int q = reads + 1; q <= THIRD; q++) s.at[q] = room[OUT];
    s.rows = 1;
    for (int64_t j = from, n; j < all_rows->n; j += n) {
        n = all_rows->n - j < SOME ? all_rows->n - j : SOME;
        s.n = (n + W - 1) / W * W;
        for (int q = 1; q <= reads; q++) bring(room[q], base[q] + j * column[q], column[q], n, s.n);
        kernel(&s);
        for (int64_t l = 0; l < n; l++) base[OUT][(j + l) * column[OUT]] = room[OUT][l];
    }
}

static void sweep(const Work *work, Kernel kernel, int reads) {
    const Op *o = work->op;
    const int alone = o->m == 1;
    const int64_t from = alone ? share(work, o->n, 64, 0) : 0, n = (alone ? share(work, o->n, 64, 1) : o->n) - from;
    const int64_t first = alone ? 0 : share(work, o->m, 1, 0), last = alone ? 1 : share(work, o->m, 1, 1);
    Real same[1 + THIRD][W] __attribute__((aligned(64)));
    int64_t column[1 + THIRD];
    int simple = o->operands[OUT].column == 1;
    Sweep s = {.rows = last - first, .n = n, .one = (Real)o->numbers[0], .two = (Real)o->numbers[1]};
    if (n <= 0 || s.rows <= 0) return;
    for (int q = 0; q <= THIRD; q++) {
        const Operand *x = o->operands + (q <= reads ? q : OUT);
        column[q] = x->column;
        s.at[q] = numbers_of(work, q <= reads ? q : OUT) + first * x->row + from * x->column;
        s.row[q] = x->row, s.mask[q] = -1;
    }
    Sweep straight = s;
    for (int q = 1; q <= reads; q++)
        if (column[q] == 0 && (s.row[q] == 0 || s.rows == 1)) {
            for (int l = 0; l < W; l++) same[q][l] = *s.at[q];
            straight.at[q] = same[q], straight.row[q] = 0, straight.mask[q] = 0;
        } else
            simple &= column[q] == 1;
    straight.n = simple ? n / W * W : 0;
    if (straight.n) kernel(&straight);
    if (straight.n < n)
        for (int64_t i = 0; i < s.rows; i++) sweep_piecewise(kernel, &s, column, reads, i, straight.n);
}
