/* Runs a fixed set of trajectories through polyak.h and prints digests: the same on every machine, and those that the Rust core computes
 * for the same set (tests/c/replay). */
#include "console.h"
#include "digest.h"
#include "polyak.h"

#define STEPS 200
#define ELL 3.0

/* Ends with the status as a sentence if a call fails. */
static int failed;
static void check(polyak_status status)
{
    if (status == POLYAK_STATUS_OK || failed)
        return;
    failed = 1;
    print(polyak_status_text(status));
    print("\n");
}

/* The settings of tests/targets whose gradients are written out below. */
static const int settings[] = {0, 1, 2, 3, 4, 5, 6, 12, 14, 15, 16, 17};
#define SETTINGS (sizeof settings / sizeof settings[0])

static polyak_optimizer optimizer(int setting)
{
    polyak_optimizer o = {0};
    switch (setting) {
    case 0: case 14: case 16: case 17: o.method = POLYAK_METHOD_SGD; break;
    case 1: case 5: o.method = POLYAK_METHOD_SGDM; break;
    case 2: o.method = POLYAK_METHOD_HEAVY_BALL; break;
    case 3: o.method = POLYAK_METHOD_HEAVY_BALL; o.dampening = 0.3; o.first_step = 1; break;
    case 4: o.method = POLYAK_METHOD_HEAVY_BALL; o.nesterov = 1; o.first_step = 1; break;
    case 6: o.method = POLYAK_METHOD_QHM; o.nu = 0.7; break;
    case 12: o.method = POLYAK_METHOD_SGDM; o.maximize = 1; break;
    default: o.method = POLYAK_METHOD_SGD; o.weight_decay = 0.02; break;
    }
    return o;
}

static double averaged_rates[64];

static double cosine_rate(void *context, uint64_t k)
{
    (void)context;
    return polyak_cosine(0.1, 0.01, 80, k);
}

static double nine_tenths(void *context, uint64_t k)
{
    (void)context;
    (void)k;
    return 0.9;
}

static double learning_rate(int setting, uint64_t k)
{
    static const uint64_t at[] = {40, 90, 151};
    double rate = 0.0;
    switch (setting) {
    case 0: return 0.05;
    case 2: return polyak_linear(0.001, 0.02, 90, k);
    case 3: check(polyak_step_decay(0.03, 0.3, at, 3, k, &rate)); return rate;
    case 4: return polyak_cosine(0.02, 0.001, 170, k);
    case 5: return polyak_exponential(0.01, 0.9, 7, 30, k);
    case 6: return polyak_inverse_time(0.1, 0.02, k);
    case 12: return 0.01;
    case 14: return averaged_rates[k < 63 ? k : 63];
    case 16: return 1.0;
    case 17: return 1.2;
    default: return 0.03;
    }
}

static double momentum(int setting)
{
    switch (setting) {
    case 0: case 14: case 16: case 17: return 0.0;
    case 3: return 0.8;
    case 4: return 0.95;
    case 5: return 0.7;
    case 6: return 0.85;
    case 12: return 0.5;
    default: return 0.9;
    }
}

/* A checkpoint in memory. */
typedef struct { uint8_t bytes[1024]; size_t count; } buffer;
static buffer saved;

static int put(void *context, const uint8_t *bytes, size_t count)
{
    buffer *to = context;
    if (count > sizeof to->bytes - to->count)
        return 1;
    while (count--)
        to->bytes[to->count++] = *bytes++;
    return 0;
}

/* Conversions, momenta tied to a rate, and the schedules outside their ranges. */
static uint64_t schedules(void)
{
    static const uint64_t at[] = {2, 3};
    double values[] = {
        polyak_heavy_ball_from_sgdm(0.3, 0.7), polyak_sgdm_from_heavy_ball(0.3, 0.7), polyak_heavy_ball_momentum(0.3, 0.7),
        polyak_sgdm_momentum(0.3, 0.7), polyak_power_momentum(0.05, 1.3, 2.0 / 3.0), polyak_scaled_momentum(0.6, 3.0),
        polyak_linear(0.1, 0.3, 7, 9), polyak_linear(0.1, 0.3, 7, 3), polyak_cosine(0.3, 0.1, 7, 8), polyak_cosine(0.3, 0.1, 7, 2),
        polyak_exponential(0.3, 0.7, 0, 2, 9), polyak_exponential(0.3, 0.7, 3, 20, 9), polyak_inverse_time(0.3, 0.07, 11), 0.0};
    check(polyak_step_decay(0.3, 0.7, at, 2, 9, &values[13]));
    return digest_word(digest_f64(DIGEST_BEGIN, values, 14), polyak_svag_step(1000, 2.7), 8);
}

#define REAL float
#define F(name) name##_f32
#include "replay.h"
#undef REAL
#undef F
#define REAL double
#define F(name) name##_f64
#include "replay.h"

static void line(const char *what, uint64_t digest)
{
    print(what);
    print(" ");
    print_hex(digest, 16);
    print("\n");
}

int main(void)
{
    if (polyak_version() != POLYAK_VERSION) {
        print("polyak.h and libpolyak.a are of different versions\n");
        return 2;
    }
    check(polyak_averaged(cosine_rate, nine_tenths, NULL, averaged_rates, 64));
    line("schedules", schedules());
    line("streams f32", streams_f32());
    line("streams f64", streams_f64());
    line("trajectories f32 pcg32", trajectories_f32(POLYAK_PCG32));
    line("trajectories f32 philox", trajectories_f32(POLYAK_PHILOX));
    line("trajectories f64 pcg32", trajectories_f64(POLYAK_PCG32));
    line("trajectories f64 philox", trajectories_f64(POLYAK_PHILOX));
    line("networks f32 pcg32", networks_f32(POLYAK_PCG32));
    line("networks f32 philox", networks_f32(POLYAK_PHILOX));
    line("networks f64 pcg32", networks_f64(POLYAK_PCG32));
    line("networks f64 philox", networks_f64(POLYAK_PHILOX));
    return failed;
}
