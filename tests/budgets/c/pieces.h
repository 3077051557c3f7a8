// What the pieces by hand take, and how large it is.

#include <stdint.h>

enum { N = 8, INPUTS = 64, HIDDEN = 32, OUTPUTS = 10, BATCH = 32, EXAMPLES = 100 };
enum { D = HIDDEN * (INPUTS + 1) + OUTPUTS * (HIDDEN + 1) };

struct coefficients {
    float decay, gain, gradient_step, momentum_step, noise;
};

struct stream {
    uint64_t state, increment;
    float block[4];
    uint32_t left;
};

void c_sgd(const struct coefficients *c, float *restrict x, const float *restrict g);
void c_sgdm(const struct coefficients *c, float *restrict x, float *restrict m, const float *restrict g);
void c_svag(const struct coefficients *c, const float *restrict r, float *restrict x, float *restrict m, float (*restrict g)[N]);
void c_normal(struct stream *s, float *restrict z);
void c_trainer(const struct coefficients *c, const uint8_t *inputs, const uint8_t *targets, struct stream *s, float (*weights)[D]);
