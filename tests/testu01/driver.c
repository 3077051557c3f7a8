/* A battery of TestU01 (L'Ecuyer and Simard 2007) on the 32-bit words of standard input.
 *
 *     words pcg32 trajectories | driver NAME smallcrush
 *     words pcg32 trajectories | driver NAME rabbit BITS
 *     words pcg32 trajectories | driver NAME crush FIRST LAST
 *
 * The last lines are the battery's own summary. Exit 0: every p-value within [0.001, 0.999]; 1: some beyond; 2: usage;
 * 3: the words ended. A p-value beyond is not yet a failure (TestU01 calls it one beyond 1e-10): see README.md.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bbattery.h"
#include "swrite.h"
#include "unif01.h"

static uint32_t buffer[1 << 14];
static size_t next, end;
static unsigned long long taken;

static unsigned int word(void)
{
    if (next == end) {
        end = fread(buffer, sizeof buffer[0], sizeof buffer / sizeof buffer[0], stdin);
        next = 0;
        if (end == 0) {
            fprintf(stderr, "driver: the words ended\n");
            exit(3);
        }
    }
    taken++;
    return buffer[next++];
}

static int usage(void)
{
    fprintf(stderr, "usage: driver NAME (smallcrush | rabbit BITS | crush FIRST LAST)\n");
    return 2;
}

int main(int count, char **argument)
{
    if (count < 3)
        return usage();
    swrite_Basic = FALSE;
    unif01_Gen *generator = unif01_CreateExternGenBits(argument[1], word);
    if (count == 3 && strcmp(argument[2], "smallcrush") == 0) {
        bbattery_SmallCrush(generator);
    } else if (count == 4 && strcmp(argument[2], "rabbit") == 0) {
        bbattery_Rabbit(generator, atof(argument[3]));
    } else if (count == 5 && strcmp(argument[2], "crush") == 0) {
        int repeat[97] = {0};
        for (int i = atoi(argument[3]); i <= atoi(argument[4]) && i < 97; i++)
            if (i > 0)
                repeat[i] = 1;
        bbattery_RepeatCrush(generator, repeat);
    } else {
        return usage();
    }
    int beyond = 0;
    for (int i = 0; i < bbattery_NTests; i++) {
        if (bbattery_pVal[i] < 0)
            continue;
        printf(" %-32s p = %.6f\n", bbattery_TestNames[i], bbattery_pVal[i]);
        if (bbattery_pVal[i] < 0.001 || bbattery_pVal[i] > 0.999)
            beyond++;
    }
    printf(" Words taken: %llu\n p-values beyond [0.001, 0.999]: %d of %d\n", taken, beyond, bbattery_NTests);
    unif01_DeleteExternGenBits(generator);
    return beyond > 0;
}
