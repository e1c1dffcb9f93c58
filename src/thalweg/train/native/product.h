/* The product of two matrices: out [m n] = start + a [m k] b [k n].
 *
 * Every element is one chain of fused multiply-adds in ascending order of the summed index; registers run along
 * outputs only, and between two stretches of the sum its value waits in `out`. So neither the width of registers, the
 * shape of tiles, the alignment nor who computes which part of the result can change a bit.
 */

#define STRETCH 256 /* summed at a time: a panel of b stays in the nearest cache */
#define BLOCK 4     /* panels that one tile of a meets before the next tile */
#define SLIM 64     /* summed at a time where there are few rows */
#define MOST 8      /* registers along either side of a tile, at most */

typedef struct {
    int64_t m, n, k;
    const Real *a, *b, *start, *bias, *gate; /* start [m]: added first; bias [n]: last; gate [m n]: kept where not <= 0 */
    Real *out;
    int64_t a_row, a_column, b_row, b_column, start_row, gate_row, out_row;
    int rectified;
} Product;

typedef struct {
    const Real *panel;
    int64_t distance, i, j, from, to; /* of the panel's rows; the tile's corner; the stretch of the sum */
} Place;

INLINE V rectified(V x) { return (V)((VWhole)x & ~(VWhole)(x < 0)); }
INLINE V gated(V x, V gate) { return (V)((VWhole)x & ~(VWhole)(gate <= 0)); }

/* Bias, rectifier and gate on sums that still lie in registers, which are then stored. */
INLINE void finish(const int rows, const int wide, const Product *o, const Place *at, V sum[MOST][MOST]) {
    if (at->to == o->k) {
        if (o->bias)
            UNROLL for (int c = 0; c < wide; c++) {
                const V bias = *(const V *)(o->bias + at->j + c * W);
                UNROLL for (int r = 0; r < rows; r++) sum[r][c] += bias;
            }
        if (o->rectified)
            UNROLL for (int r = 0; r < rows; r++)
                UNROLL for (int c = 0; c < wide; c++) sum[r][c] = rectified(sum[r][c]);
        if (o->gate)
            UNROLL for (int r = 0; r < rows; r++) {
                const Real *gate = o->gate + (at->i + r) * o->gate_row + at->j;
                UNROLL for (int c = 0; c < wide; c++) sum[r][c] = gated(sum[r][c], *(const V *)(gate + c * W));
            }
    }
    UNROLL for (int r = 0; r < rows; r++)
        UNROLL for (int c = 0; c < wide; c++)
            *(V *)(o->out + (at->i + r) * o->out_row + at->j + c * W) = sum[r][c];
}

/* The same for the last columns, of which some registers hold fewer than they could; the code is there once. */
static __attribute__((noinline)) void finish_partly(const Product *o, const Place *at, int rows, int wide, const V *sum) {
    for (int64_t c = 0, left = o->n - at->j; c < wide && left > 0; c++, left -= W) {
        const V bias = o->bias ? load_some(o->bias + at->j + c * W, left) : C(0);
        for (int64_t r = 0, i = at->i; r < rows; r++, i++) {
            V x = sum[r * wide + c];
            if (at->to == o->k) {
                if (o->bias) x += bias;
                if (o->rectified) x = rectified(x);
                if (o->gate) x = gated(x, load_some(o->gate + i * o->gate_row + at->j + c * W, left));
            }
            store_some(o->out + i * o->out_row + at->j + c * W, x, left);
        }
    }
}

static __attribute__((noinline)) void resume_partly(const Product *o, const Place *at, int rows, int wide, V *sum) {
    for (int64_t r = 0; r < rows; r++)
        for (int64_t c = 0; c < wide; c++)
            sum[r * wide + c] = load_some(o->out + (at->i + r) * o->out_row + at->j + c * W, o->n - at->j - c * W);
}

INLINE void tile(const int rows, const int wide, const Product *o, const Place *at) {
    const int64_t a_row = o->a_row, a_column = o->a_column, distance = at->distance;
    const int whole = o->n - at->j >= wide * W;
    const Real *a = o->a + at->i * a_row + at->from * a_column, *panel = at->panel;
    V sum[MOST][MOST];
    if (!at->from)
        UNROLL for (int r = 0; r < rows; r++) {
            const V start = all(o->start ? o->start[(at->i + r) * o->start_row] : 0);
            UNROLL for (int c = 0; c < wide; c++) sum[r][c] = start;
        }
    else {
        V kept[MOST * MOST];
        const Real *from = o->out + at->i * o->out_row + at->j;
        if (!whole) resume_partly(o, at, rows, wide, kept);
        UNROLL for (int r = 0; r < rows; r++)
            UNROLL for (int c = 0; c < wide; c++)
                sum[r][c] = whole ? *(const V *)(from + r * o->out_row + c * W) : kept[r * wide + c];
    }
    for (int64_t q = at->to - at->from; q > 0; q--, panel += distance, a += a_column) {
        V b[MOST];
        UNROLL for (int c = 0; c < wide; c++) b[c] = *(const V *)(panel + c * W);
        UNROLL for (int r = 0; r < rows; r++) {
            V x = all(a[r * a_row]);
            UNROLL for (int c = 0; c < wide; c++) sum[r][c] = fma_v(x, b[c], sum[r][c]);
        }
    }
    if (whole) finish(rows, wide, o, at, sum);
    else {
        V kept[MOST * MOST];
        UNROLL for (int r = 0; r < rows; r++)
            UNROLL for (int c = 0; c < wide; c++) kept[r * wide + c] = sum[r][c];
        finish_partly(o, at, rows, wide, kept);
    }
}

typedef void (*Tile)(const Product *, const Place *);
#define TILE(rows, wide) \
    static __attribute__((noinline)) void tile_##rows##_##wide(const Product *o, const Place *at) { tile(rows, wide, o, at); }
#define NAME(rows, wide) tile_##rows##_##wide,
#if ROWS == 8
#define OF_WIDTH(F, wide) F(1, wide) F(2, wide) F(3, wide) F(4, wide) F(5, wide) F(6, wide) F(7, wide) F(8, wide)
#else
#define OF_WIDTH(F, wide) F(1, wide) F(2, wide) F(3, wide) F(4, wide) F(5, wide) F(6, wide)
#endif
OF_WIDTH(TILE, 1)
OF_WIDTH(TILE, 2)
#if WIDE == 4
OF_WIDTH(TILE, 4)
static const Tile TILES[][ROWS] = {{OF_WIDTH(NAME, 1)}, {OF_WIDTH(NAME, 2)}, {OF_WIDTH(NAME, 4)}};
#else
TILE(1, 4)
static const Tile TILES[][ROWS] = {{OF_WIDTH(NAME, 1)}, {OF_WIDTH(NAME, 2)}};
#endif
TILE(1, 8)

INLINE Tile tile_for(int64_t rows, int64_t columns) { /* the narrowest that holds the columns */
    return TILES[columns <= W ? 0 : columns <= 2 * W ? 1 : sizeof TILES / sizeof *TILES - 1][rows - 1];
}

/* Blocks of four by four numbers are turned in registers. */
typedef Real Four __attribute__((vector_size(4 * sizeof(Real)), aligned(DOUBLE ? 8 : 4), may_alias));

INLINE void turn(const Real *b, int64_t b_column, Real *panel, int64_t distance) {
    const Four x = *(const Four *)b, y = *(const Four *)(b + b_column), z = *(const Four *)(b + 2 * b_column),
               w = *(const Four *)(b + 3 * b_column);
    const Four s = MIX(x, y, 0, 4, 1, 5), t = MIX(x, y, 2, 6, 3, 7), u = MIX(z, w, 0, 4, 1, 5), v = MIX(z, w, 2, 6, 3, 7);
    *(Four *)panel = MIX(s, u, 0, 1, 4, 5);
    *(Four *)(panel + distance) = MIX(s, u, 2, 3, 6, 7);
    *(Four *)(panel + 2 * distance) = MIX(t, v, 0, 1, 4, 5);
    *(Four *)(panel + 3 * distance) = MIX(t, v, 2, 3, 6, 7);
}

/* b [from .. to, j .. j + wide] side by side, rows `distance` apart; what is beside it is filled with zeros. */
static void pack(const Product *o, Real *panel, int64_t distance, int64_t j, int64_t from, int64_t to) {
    const int64_t wide = o->n - j < distance ? o->n - j : distance, b_row = o->b_row, b_column = o->b_column;
    const Real *b = o->b + from * b_row + j * b_column;
    if (b_column == 1 && wide == PANEL && distance == PANEL) {
        for (int64_t q = from; q < to; q++, b += b_row, panel += PANEL)
            UNROLL for (int c = 0; c < WIDE; c++) *(V *)(panel + c * W) = *(const V *)(b + c * W);
        return;
    }
    if (b_column == 1) {
        for (int64_t q = from; q < to; q++, b += b_row, panel += distance)
            for (int64_t c = 0; c < distance; c += W) *(V *)(panel + c) = load_some(b + c, wide - c);
        return;
    }
    int64_t c = 0;
    for (; c + 4 <= wide; c += 4) {
        const Real *column = b + c * b_column;
        Real *p = panel + c;
        int64_t q = from;
        if (b_row == 1)
            for (; q + 4 <= to; q += 4, column += 4, p += 4 * distance) turn(column, b_column, p, distance);
        for (; q < to; q++, column += b_row, p += distance)
            for (int l = 0; l < 4; l++) p[l] = column[l * b_column];
    }
    for (; c < distance; c++)
        for (int64_t q = from; q < to; q++)
            panel[(q - from) * distance + c] = c < wide ? b[(q - from) * b_row + c * b_column] : 0;
}

/* A single summand, as in the outer product of one output's gradient and its weights: b is read where it lies. */
static void multiply_single(const Product *o, int64_t first, int64_t last) {
    for (int64_t i = first; i < last; i++) {
        const V x = all(o->a[i * o->a_row]), start = all(o->start ? o->start[i * o->start_row] : 0);
        Place at = {0, 0, i, 0, 0, 1};
        V sum[MOST][MOST];
        for (; at.j + 4 * W <= o->n; at.j += 4 * W) {
            UNROLL for (int c = 0; c < 4; c++) sum[0][c] = fma_v(x, *(const V *)(o->b + at.j + c * W), start);
            finish(1, 4, o, &at, sum);
        }
        for (; at.j < o->n; at.j += W) {
            sum[0][0] = fma_v(x, load_some(o->b + at.j, o->n - at.j), start);
            finish_partly(o, &at, 1, 1, sum[0]);
        }
    }
}

/* Few rows: as many sums side by side as registers hold. */
static void multiply_slim(const Product *o, Real *room, int64_t first, int64_t last) {
    for (int64_t from = 0; from < o->k; from += SLIM) {
        const int64_t to = from + SLIM < o->k ? from + SLIM : o->k;
        for (int64_t j = 0, wide; j < o->n; j += wide) {
            wide = o->n - j > 4 * W ? 8 * W : 4 * W;
            const int direct = o->b_column == 1 && o->n - j >= wide;
            if (!direct) pack(o, room, wide, j, from, to);
            Place at = {direct ? o->b + from * o->b_row + j : room, direct ? o->b_row : wide, first, j, from, to};
            for (; at.i < last; at.i++) (wide == 8 * W ? tile_1_8 : tile_1_4)(o, &at);
        }
    }
}

INLINE int64_t distance_of(const Product *o, int64_t j) { return o->n - j <= W ? W : PANEL; } /* of a panel's rows */

/* Threads share out panels where there are enough of them, else rows. */
static void multiply(const Product *o, int part, int parts) {
    Real room[STRETCH * PANEL * BLOCK] __attribute__((aligned(64)));
    const int by_panel = parts > 1 && o->n >= (int64_t)parts * PANEL && o->k > 1;
    const int64_t panels = (o->n + PANEL - 1) / PANEL;
    const int64_t begin = by_panel ? panels * part / parts * PANEL : 0;
    const int64_t end = by_panel && part + 1 < parts ? panels * (part + 1) / parts * PANEL : o->n;
    const int64_t first = by_panel ? 0 : o->m * part / parts, last = by_panel ? o->m : o->m * (part + 1) / parts;
    const int64_t rows = last - first, tiles = (rows + ROWS - 1) / ROWS;
    if (o->k == 1 && o->b_column == 1) {
        multiply_single(o, first, last);
        return;
    }
    if (o->m <= 2 && o->n > PANEL && !by_panel) {
        multiply_slim(o, room, first, last);
        return;
    }
    for (int64_t from = 0; from < o->k; from += STRETCH) {
        const int64_t to = from + STRETCH < o->k ? from + STRETCH : o->k, size = (to - from) * PANEL;
        const int64_t block = (int64_t)(sizeof room / sizeof *room) / size * PANEL;
        for (int64_t j = begin; j < end; j += block) {
            const int64_t behind = j + block < end ? j + block : end;
            Place at = {room, 0, first, j, from, to};
            for (int64_t c = j, panel = 0; c < behind; c += PANEL, panel += size)
                pack(o, room + panel, distance_of(o, c), c, from, to);
            for (int64_t t = 0, height; t < tiles; t++, at.i += height) { /* all of about one height */
                height = rows / tiles + (t < rows % tiles);
                for (at.j = j, at.panel = room; at.j < behind; at.j += PANEL, at.panel += size) {
                    at.distance = distance_of(o, at.j);
                    tile_for(height, o->n - at.j)(o, &at);
                }
            }
        }
    }
}
