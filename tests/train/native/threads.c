/* Threads that share every operation, for the sanitizer of threads: the same numbers on one thread and on several. */
#include "steps.c"

#include <stdio.h>
#include <stdlib.h>

enum { SLOTS = 2, STEPS = 5, SIDE_OF = 70, OPS = 7 };

static const char *const NAMES[OPS] = {"product", "rectify", "sum_rows", "sum_columns", "log_softmax", "adam", "tanh_each"};
static Real numbers[2][4][SIDE_OF * SIDE_OF];

static int64_t number_of(const char *name) {
    for (int64_t i = 0; loop_name(i); i++)
        if (!strcmp(loop_name(i), name)) return i;
    exit(2);
}

int main(void) {
    for (int turn = 0; turn < 2; turn++) {
        Real(*x)[SIDE_OF * SIDE_OF] = numbers[turn];
        float counters[SLOTS] = {0};
        double rate = 0.01;
        Op ops[OPS] = {0};
        for (int i = 0; i < 4; i++)
            for (int j = 0; j < SIDE_OF * SIDE_OF; j++) x[i][j] = (Real)((j * 37 + i * 11) % 101) / 64;
        for (int i = 0; i < OPS; i++) {
            ops[i] = (Op){number_of(NAMES[i]), 0, SLOTS, SIDE_OF / 2, SIDE_OF, SIDE_OF, {{0}}, {0.5, 0, 0.1}};
            for (int q = 0; q < 4; q++) ops[i].operands[q] = (Operand){x[q], 0, 0, SIDE_OF, 1};
            if (i == 0) ops[i].operands[THIRD].at = 0, ops[i].operands[FOURTH] = (Operand){x[3], 0, 0, SIDE_OF, 1};
            if (i == 5) ops[i].m = 1, ops[i].n = 35 * SIDE_OF, ops[i].operands[FOURTH] = (Operand){&rate, 0, 0, 0, 0};
        }
        static const int64_t live[SLOTS] = {0, 1};
        const Task task = {ops, counters, live, OPS, STEPS, 0};
        run(&task, 0, STEPS * SLOTS, turn ? 4 : 1);
    }
    return memcmp(numbers[0], numbers[1], sizeof *numbers) != 0;
}
