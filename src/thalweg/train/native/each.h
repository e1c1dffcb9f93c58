/* Loops that treat numbers one by one, a register at a time.
 *
 * Of every loop there is one, over numbers side by side in whole registers; what lies otherwise, and what is left of the
 * last register, is brought there first.
 */

typedef void (*Kernel)(Real *out, const Real *X, const Real *Y, const Real *Z, int64_t n, Real one, Real two);

#define EACH(name, value) /* of whole registers; p and p2: the operation's numbers */                                  \
    static void name(Real *out, const Real *X, const Real *Y, const Real *Z, int64_t n, Real one, Real two) {          \
        const V p = all(one), p2 = all(two);                                                                           \
        (void)X, (void)Y, (void)Z, (void)p, (void)p2;                                                                  \
        for (int64_t j = 0; j < n; j += W) {                                                                           \
            const V x = *(const V *)(X + j), y = *(const V *)(Y + j), z = *(const V *)(Z + j);                         \
            (void)x, (void)y, (void)z;                                                                                 \
            *(V *)(out + j) = (value);                                                                                 \
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

typedef struct {
    Real *at;
    int64_t row, column;
} Matrix;

#define SOME 256 /* numbers at a time where a register cannot be filled from where they lie */
static void bring(Real *room, const Real *from, int64_t column, int64_t n, int64_t whole) {
    for (int64_t j = 0; j < n; j++) room[j] = from[j * column];
    for (int64_t j = n; j < whole; j++) room[j] = 0;
}

/* One row; what does not lie side by side, and what is left of the last register, goes through a room of its own. */
static void sweep_row(Kernel kernel, const Matrix *x, int64_t i, int64_t from, int64_t to, int reads, const double *numbers) {
    Real room[1 + THIRD][SOME] __attribute__((aligned(64))), *at[1 + THIRD];
    int side_by_side = 1;
    for (int q = 0; q <= reads; q++) side_by_side &= x[q].column == 1;
    for (int64_t j = from, n; j < to; j += n) {
        const int64_t whole = side_by_side ? (to - j) / W * W : 0;
        n = whole ? whole : to - j < SOME ? to - j : SOME;
        for (int q = 0; q <= THIRD; q++) {
            const Matrix *m = q <= reads ? x + q : x;
            at[q] = m->at + i * m->row + j * m->column;
            if (q <= reads && !(n % W == 0 && m->column == 1)) {
                if (q) bring(room[q], at[q], m->column, n, (n + W - 1) / W * W);
                at[q] = room[q];
            }
        }
        for (int q = reads + 1; q <= THIRD; q++) at[q] = at[OUT];
        kernel(at[OUT], at[FIRST], at[SECOND], at[THIRD], (n + W - 1) / W * W, (Real)numbers[0], (Real)numbers[1]);
        Real *out = x[OUT].at + i * x[OUT].row + j * x[OUT].column;
        if (at[OUT] == room[OUT])
            for (int64_t c = 0; c < n; c++) out[c * x[OUT].column] = room[OUT][c];
    }
}

static void sweep(const Work *work, Kernel kernel, int reads) {
    const Op *o = work->op;
    const int alone = o->m == 1;
    Matrix x[1 + THIRD];
    for (int q = 0; q <= THIRD; q++) x[q] = (Matrix){numbers_of(work, q), o->operands[q].row, o->operands[q].column};
    const int64_t from = alone ? share(work, o->n, 64, 0) : 0, to = alone ? share(work, o->n, 64, 1) : o->n;
    const int64_t last = alone ? 1 : share(work, o->m, 1, 1);
    for (int64_t i = alone ? 0 : share(work, o->m, 1, 0); i < last; i++) sweep_row(kernel, x, i, from, to, reads, o->numbers);
}
