/* What surrounds the steps of an epoch: which rows every slot sees, and what its losses come to.
 *
 * Permutations are those of base/seeds.py: words of a counter-based stream, whose low bits are replaced by their places,
 * in ascending order. Integers are exact and no two words are equal, so no way of sorting can show.
 */
#include <stdlib.h>

INLINE uint64_t word_of(uint64_t key, uint64_t place) { /* SplitMix64 */
    uint64_t z = key + (place + 1) * 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

typedef struct { /* permutes up to `most` numbers: their words, and where boxes of about one word end */
    uint64_t *words;
    uint32_t *ends;
} Shuffler;

static int bits_of(int64_t count) { /* of the largest place */
    int bits = 1;
    while (count > (int64_t)1 << bits) bits++;
    return bits;
}

static int new_shuffler(Shuffler *made, int64_t most) {
    made->words = malloc(sizeof(uint64_t) * (size_t)most);
    made->ends = malloc(sizeof(uint32_t) * (((size_t)1 << bits_of(most)) + 1));
    return made->words && made->ends;
}

static void shuffle(const Shuffler *with, uint64_t key, int64_t count, int32_t *out) {
    const int bits = bits_of(count);
    const uint64_t low = ((uint64_t)1 << bits) - 1;
    uint64_t *words = with->words;
    uint32_t *ends = with->ends;
    memset(ends, 0, sizeof(uint32_t) * ((size_t)low + 2));
    for (int64_t i = 0; i < count; i++) ends[(word_of(key, (uint64_t)i) >> (64 - bits)) + 1]++;
    for (uint64_t box = 0; box <= low; box++) ends[box + 1] += ends[box];
    for (int64_t i = 0; i < count; i++) {
        const uint64_t word = word_of(key, (uint64_t)i);
        words[ends[word >> (64 - bits)]++] = (word & ~low) | (uint64_t)i;
    }
    for (int64_t i = 1; i < count; i++) { /* only neighbours in a box change places */
        const uint64_t word = words[i];
        int64_t j = i;
        for (; j > 0 && words[j - 1] > word; j--) words[j] = words[j - 1];
        words[j] = word;
    }
    for (int64_t i = 0; i < count; i++) out[i] = (int32_t)(words[i] & low);
}

typedef struct { /* a slot's rows of the table, none if it is empty; their weights, none if all are 1; its shuffles */
    const int32_t *rows;
    const double *weights;
    int64_t count, epoch;
    uint64_t key;
} Seen;

/* Rows [steps slots batch], `null` where there is none, and row weights of the last `carrying` steps, with which a mean
 * over the batch is right where rows lack; `most` is the longest count. Returns 0 if there is no memory. */
EXPORT int plan(const Seen *slots, int64_t count, int64_t steps, int64_t batch, int64_t carrying, int64_t most, int32_t null,
                int32_t *order, Real *weights) {
    Shuffler with = {0};
    int32_t *places = malloc(sizeof(int32_t) * (size_t)most);
    const int found = new_shuffler(&with, most) && places;
    for (int64_t s = 0; s < count && found; s++) {
        const Seen *seen = slots + s;
        const int64_t rows = seen->rows ? seen->count : 0;
        if (steps == 1)
            for (int64_t i = 0; i < rows; i++) places[i] = (int32_t)i;
        else if (rows)
            shuffle(&with, word_of(seen->key, (uint64_t)seen->epoch), rows, places);
        for (int64_t t = 0; t < steps; t++) {
            const int64_t left = rows - t * batch, here = left < 0 ? 0 : left < batch ? left : batch;
            const int32_t *from = places + t * batch;
            int32_t *to = order + (t * count + s) * batch;
            for (int64_t i = 0; i < here; i++) to[i] = seen->rows[from[i]];
            for (int64_t i = here; i < batch; i++) to[i] = null;
            if (t < steps - carrying) continue;
            Real *shares = weights + ((t - steps + carrying) * count + s) * batch;
            const double whole = here ? (double)batch / (double)here : 0;
            for (int64_t i = 0; i < here; i++) shares[i] = (Real)(seen->weights ? seen->weights[from[i]] * whole : whole);
            for (int64_t i = here; i < batch; i++) shares[i] = 0;
        }
    }
    free(with.words), free(with.ends), free(places);
    return found;
}

/* First half and second half are added, and so on: nothing but additions side by side, in one order everywhere. */
#define SUM_IN_PAIRS(x, n)                                                     \
    while (n > 1) {                                                            \
        const int64_t half = n / 2;                                            \
        for (int64_t i = 0; i < half; i++) x[i] += x[half + i];                \
        if (n & 1) x[half] = x[2 * half];                                      \
        n = half + (n & 1);                                                    \
    }

/* out [slots, `apart` numbers from each other] = sum of the losses x [slots n], which are then zeros again. */
EXPORT void drain(Real *x, int64_t slots, int64_t n, int64_t apart, Real *out) {
    for (int64_t s = 0; s < slots; s++) {
        Real *row = x + s * n;
        int64_t left = n;
        SUM_IN_PAIRS(row, left)
        out[s * apart] = row[0];
        memset(row, 0, sizeof(Real) * (size_t)n);
    }
}

/* The same of w x, losses [blocks slots outputs rows] times weights [blocks slots rows], in double; a row of weight 0
 * counts nothing, whatever it holds. Returns 0 if there is no memory. */
EXPORT int weigh(const Real *x, const double *weights, int64_t blocks, int64_t slots, int64_t outputs, int64_t rows,
                 int64_t apart, double *out) {
    double *room = malloc(sizeof(double) * (size_t)(outputs * blocks * rows));
    for (int64_t s = 0; s < slots && room; s++) {
        int64_t n = 0;
        for (int64_t c = 0; c < outputs; c++)
            for (int64_t t = 0; t < blocks; t++)
                for (int64_t i = 0; i < rows; i++) {
                    const double weight = weights[(t * slots + s) * rows + i];
                    room[n++] = weight > 0 ? (double)x[((t * slots + s) * outputs + c) * rows + i] * weight : 0;
                }
        SUM_IN_PAIRS(room, n)
        out[s * apart] = room[0];
    }
    free(room);
    return room != 0;
}
