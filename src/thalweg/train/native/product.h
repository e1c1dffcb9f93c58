/* The product of two matrices: out [m n] = start + a [m k] b [k n].
 *
 * Every element is one chain of fused multiply-adds in ascending order of the summed index; registers run along
 * outputs only, and between two stretches of the sum its value waits in `out`. So neither the width of registers, the
 * shape of tiles, the alignment nor who computes which part of the result can change a bit.
 */

#define STRETCH 256 /* summed at a time: a panel of b stays in the nearest cache */

typedef struct {
    int64_t m, n, k;
    const Real *a, *b, *start, *bias, *gate; /* start [m]: added first; bias [n]: last; gate [m n]: kept where not <= 0 */
    Real *out;
    int64_t a_row, a_column, b_row, b_column, start_row, gate_row, out_row;
    int rectified;
} Product;

typedef struct {
    const Real *panel;
    int64_t i, j, from, to; /* the tile's corner, and the stretch of the sum */
} Place;

INLINE V load_some(const Real *from, int64_t count) {
    V x = {0};
    if (count >= W) return *(const V *)from;
    if (count > 0) memcpy(&x, from, sizeof(Real) * (size_t)count);
    return x;
}

INLINE void store_some(Real *to, V x, int64_t count) {
    if (count >= W) *(V *)to = x;
    else if (count > 0) memcpy(to, &x, sizeof(Real) * (size_t)count);
}

INLINE void tile(const int rows, const int wide, const int turned, const Product *o, const Place *at) {
    const int64_t a_row = turned ? 1 : o->a_row, a_column = turned ? o->a_column : 1, left = o->n - at->j;
    const Real *a = o->a + at->i * a_row + at->from * a_column, *panel = at->panel;
    V sum[ROWS][WIDE];
    UNROLL for (int r = 0; r < rows; r++)
        UNROLL for (int c = 0; c < wide; c++)
            sum[r][c] = at->from ? load_some(o->out + (at->i + r) * o->out_row + at->j + c * W, left - c * W)
                                 : all(o->start ? o->start[(at->i + r) * o->start_row] : 0);
    for (int64_t q = at->from; q < at->to; q++, panel += PANEL, a += a_column) {
        V b[WIDE];
        UNROLL for (int c = 0; c < wide; c++) b[c] = *(const V *)(panel + c * W);
        UNROLL for (int r = 0; r < rows; r++) {
            V x = all(a[r * a_row]);
            UNROLL for (int c = 0; c < wide; c++) sum[r][c] = fma_v(x, b[c], sum[r][c]);
        }
    }
    const int last = at->to == o->k;
    UNROLL for (int r = 0; r < rows; r++)
        UNROLL for (int c = 0; c < wide; c++) {
            const int64_t here = left - c * W, column = at->j + c * W;
            V x = sum[r][c];
            if (last && o->bias) x += load_some(o->bias + column, here);
            if (last && o->rectified) x = (V)((VWhole)x & ~(VWhole)(x < 0));
            if (last && o->gate)
                x = (V)((VWhole)x & ~(VWhole)(load_some(o->gate + (at->i + r) * o->gate_row + column, here) <= 0));
            store_some(o->out + (at->i + r) * o->out_row + column, x, here);
        }
}

typedef void (*Tile)(const Product *, const Place *);
#define TILE(name, rows, wide, turned) \
    static __attribute__((noinline)) void name(const Product *o, const Place *at) { tile(rows, wide, turned, o, at); }
#define TILES(r, rows) /* of one height: the last columns need fewer registers */                     \
    TILE(r##_one, rows, 1, 0) TILE(r##_one_t, rows, 1, 1) TILE(r##_half, rows, (WIDE + 1) / 2, 0)      \
    TILE(r##_half_t, rows, (WIDE + 1) / 2, 1) TILE(r##_full, rows, WIDE, 0) TILE(r##_full_t, rows, WIDE, 1)
TILES(tall, ROWS)
TILES(four, 4)
TILES(two, 2)
TILES(single, 1)
#define OF_HEIGHT(r) {{r##_one, r##_half, r##_full}, {r##_one_t, r##_half_t, r##_full_t}}
static const Tile KERNELS[4][2][3] = {OF_HEIGHT(tall), OF_HEIGHT(four), OF_HEIGHT(two), OF_HEIGHT(single)};
static const int HEIGHTS[4] = {ROWS, 4, 2, 1};

static void pack_rows(const Product *o, Real *panel, int64_t j, int64_t wide, int64_t from, int64_t to) {
    const Real *b = o->b + from * o->b_row + j;
    for (int64_t q = from; q < to; q++, b += o->b_row, panel += PANEL)
        if (wide == PANEL)
            UNROLL for (int c = 0; c < WIDE; c++) *(V *)(panel + c * W) = *(const V *)(b + c * W);
        else
            for (int64_t c = 0; c < wide; c++) panel[c] = b[c];
}

static void pack_columns(const Product *o, Real *panel, int64_t j, int64_t wide, int64_t from, int64_t to) {
    int64_t c = 0;
    for (; c + 8 <= wide; c += 8) { /* eight lines at once: each piece that is written is whole */
        const Real *b = o->b + from * o->b_row + (j + c) * o->b_column;
        Real *p = panel + c;
        for (int64_t q = from; q < to; q++, b += o->b_row, p += PANEL)
            UNROLL for (int l = 0; l < 8; l++) p[l] = b[l * o->b_column];
    }
    for (; c < wide; c++) {
        const Real *b = o->b + from * o->b_row + (j + c) * o->b_column;
        for (int64_t q = from; q < to; q++, b += o->b_row) panel[(q - from) * PANEL + c] = *b;
    }
}

/* A single summand, as in the outer product of one output's gradient and its weights: no sum is worth registers. */
static void multiply_single(const Product *o, int64_t first, int64_t last) {
    for (int64_t i = first; i < last; i++) {
        const Real x = o->a[i * o->a_row], start = o->start ? o->start[i * o->start_row] : 0;
        const Real *b = o->b, *bias = o->bias, *gate = o->gate + i * o->gate_row;
        Real *out = o->out + i * o->out_row;
        ELEMENTWISE for (int64_t j = 0; j < o->n; j++) out[j] = fma1(x, b[j], start);
        if (bias) ELEMENTWISE for (int64_t j = 0; j < o->n; j++) out[j] = out[j] + bias[j];
        if (o->rectified) ELEMENTWISE for (int64_t j = 0; j < o->n; j++) out[j] = out[j] < 0 ? 0 : out[j];
        if (o->gate) ELEMENTWISE for (int64_t j = 0; j < o->n; j++) out[j] = gate[j] <= 0 ? 0 : out[j];
    }
}

/* Threads share out panels where there are enough of them, else rows. */
static void multiply(const Product *o, int part, int parts) {
    Real panel[STRETCH * PANEL];
    const int by_panel = o->n >= (int64_t)parts * PANEL, unit = o->m >= (int64_t)parts * ROWS ? ROWS : 1;
    const int64_t first = by_panel && parts > 1 ? 0 : o->m / unit * part / parts * unit;
    const int64_t last = (by_panel && parts > 1) || part + 1 == parts ? o->m : o->m / unit * (part + 1) / parts * unit;
    if (o->k == 1 && o->b_column == 1) {
        multiply_single(o, o->m / unit * part / parts * unit,
                        part + 1 == parts ? o->m : o->m / unit * (part + 1) / parts * unit);
        return;
    }
    for (int64_t j = by_panel ? (int64_t)part * PANEL : 0; j < o->n; j += by_panel ? (int64_t)parts * PANEL : PANEL) {
        const int64_t left = o->n - j, wide = left < PANEL ? left : PANEL;
        const int registers = left <= W ? 0 : left <= W * ((WIDE + 1) / 2) ? 1 : 2;
        for (int64_t from = 0; from < o->k; from += STRETCH) {
            const int64_t to = from + STRETCH < o->k ? from + STRETCH : o->k;
            if (wide < PANEL) memset(panel, 0, sizeof(Real) * (size_t)(PANEL * (to - from)));
            (o->b_column == 1 ? pack_rows : pack_columns)(o, panel, j, wide, from, to);
            Place at = {panel, first, j, from, to};
            for (int h = 0; h < 4; h++)
                for (; at.i + HEIGHTS[h] <= last; at.i += HEIGHTS[h]) KERNELS[h][o->a_column != 1][registers](o, &at);
        }
    }
}
