// The pieces of src/lib.rs as one writes them by hand: the same arithmetic in the same order, so the same bits, for comparison.

#include "pieces.h"

void c_sgd(const struct coefficients *c, float *restrict x, const float *restrict g) {
    for (int i = 0; i < N; i++)
        x[i] -= g[i] * c->gradient_step;
}

static void momentum_step(const struct coefficients *c, float *restrict x, float *restrict m, const float *restrict g, int n) {
    for (int i = 0; i < n; i++) {
        m[i] = m[i] * c->decay + g[i] * c->gain;
        x[i] -= m[i] * c->momentum_step;
    }
}

void c_sgdm(const struct coefficients *c, float *restrict x, float *restrict m, const float *restrict g) {
    momentum_step(c, x, m, g, N);
}

void c_svag(const struct coefficients *c, const float *restrict r, float *restrict x, float *restrict m, float (*restrict g)[N]) {
    for (int i = 0; i < N; i++) {
        float mixed = g[0][i] * r[0] + g[1][i] * r[1];
        m[i] = m[i] * c->decay + mixed * c->gain;
        x[i] -= m[i] * c->momentum_step;
    }
}

static uint32_t bits(float x) {
    union { float x; uint32_t bits; } u = {.x = x};
    return u.bits;
}

static float from_bits(uint32_t bits) {
    union { uint32_t bits; float x; } u = {.bits = bits};
    return u.x;
}

// PCG XSH RR 64/32.
static uint32_t word(struct stream *s) {
    uint64_t old = s->state;
    s->state = old * 6364136223846793005u + s->increment;
    uint32_t word = ((old >> 18) ^ old) >> 27, rotation = old >> 59;
    return word >> rotation | word << (-rotation & 31);
}

#if defined(__ARM_FP) || defined(__riscv_flen)
// The instruction.
static float root(float x) { return __builtin_sqrtf(x); }
#else
// Bit by bit, for x ≥ 0 that is normal or 0: what a freestanding program brings along.
static float root(float x) {
    uint32_t left = bits(x), q = 0, s = 0;
    if (left == 0)
        return x;
    uint32_t exponent = left >> 23;
    left = (left & 0x007fffff) | 0x00800000;
    if ((exponent & 1) == 0)
        left <<= 1;
    left <<= 1;
    for (uint32_t r = 0x01000000; r != 0; r >>= 1) {
        uint32_t t = s + r;
        if (t <= left) {
            s = t + r;
            left -= t;
            q += r;
        }
        left <<= 1;
    }
    if (left != 0)
        q += q & 1;
    return from_bits((q >> 1) + 0x3f000000 + (((int32_t)exponent - 127) >> 1 << 23));
}
#endif

// Two normal numbers of two words, by Box and Muller.
static void pair(uint32_t radius, uint32_t angle, float *numbers) {
    float v = (float)(int32_t)(radius >> 1) + 0.5f;
    uint32_t below = 0x3faaaaab + (31u << 23) - bits(v);
    float n = (float)(int32_t)(below >> 23), f = from_bits(0x3faaaaab - (below & 0x007fffff)) - 1.0f;
    float z = f * f, low = -1.9999988f + 1.0000348f * f;
    float high = (-6.669512e-1f + 4.9695313e-1f * f) + z * ((-3.9161566e-1f + 3.8813746e-1f * f) - 3.6658862e-1f * z);
    float r = root(n * 1.3862944f + f * (low + z * high));
    float y = (float)(int32_t)(angle << 1) * (1.0f / 2147483648.0f), square = y * y;
    float s = y * (((-4.3330155e-3f * square + 7.943422e-2f) * square + -6.458928e-1f) * square + 1.570791f);
    float c = (((8.5483585e-4f * square + -2.0804573e-2f) * square + 2.5364742e-1f) * square + -1.2336977f) * square + 9.9999994e-1f;
    r = from_bits(bits(r) ^ (angle & 0x80000000));
    numbers[0] = r * c;
    numbers[1] = r * s;
}

void c_normal(struct stream *s, float *restrict z) {
    for (int i = 0; i < N; i++) {
        if (s->left == 0) {
            uint32_t words[4];
            for (int k = 0; k < 4; k++)
                words[k] = word(s);
            pair(words[0], words[1], s->block);
            pair(words[2], words[3], s->block + 2);
            s->left = 4;
        }
        z[i] = s->block[4 - s->left--];
    }
}

static float exponential(float x) {
    x = x > 89.0f ? 89.0f : x;
    x = x < -104.0f ? -104.0f : x;
    float shifted = x * 1.44269504f + 12582912.0f, whole = shifted - 12582912.0f;
    int32_t n = (int32_t)(bits(shifted) - bits(12582912.0f)), half = n >> 1;
    float r = (x - whole * 0.693359375f) - whole * -2.1219444e-4f;
    float p = (((1.3834299e-3f * r + 8.368738e-3f) * r + 4.1668147e-2f) * r + 1.6666521e-1f) * r + 4.9999994e-1f;
    float rest = r + r * r * p;
    return (1.0f + rest) * from_bits((uint32_t)(half + 127) << 23) * from_bits((uint32_t)(n - half + 127) << 23);
}

// Adds weight ∇ℓ of one example to g: forwards and backwards through 64-32-10 units.
static void add_gradient(const uint8_t *restrict pixels, unsigned class, float weight, const float *restrict x, float *restrict g) {
    const float *w1 = x, *b1 = w1 + HIDDEN * INPUTS, *w2 = b1 + HIDDEN, *b2 = w2 + OUTPUTS * HIDDEN;
    float *g1 = g, *gb1 = g1 + HIDDEN * INPUTS, *g2 = gb1 + HIDDEN, *gb2 = g2 + OUTPUTS * HIDDEN;
    float a[INPUTS], h[HIDDEN], d[HIDDEN] = {0}, e[OUTPUTS];
    for (int i = 0; i < INPUTS; i++)
        a[i] = (float)pixels[i] * 0.0625f;
    for (int o = 0; o < HIDDEN; o++) {
        float z = b1[o];
        for (int i = 0; i < INPUTS; i++)
            z += w1[o * INPUTS + i] * a[i];
        h[o] = z <= 0.0f ? 0.0f : z;
    }
    for (int o = 0; o < OUTPUTS; o++) {
        float z = b2[o];
        for (int i = 0; i < HIDDEN; i++)
            z += w2[o * HIDDEN + i] * h[i];
        e[o] = z;
    }
    float largest = e[0], sum = 0.0f;
    for (int o = 0; o < OUTPUTS; o++)
        largest = e[o] > largest ? e[o] : largest;
    for (int o = 0; o < OUTPUTS; o++) {
        e[o] = exponential(e[o] - largest);
        sum += e[o];
    }
    for (int o = 0; o < OUTPUTS; o++)
        e[o] = (e[o] / sum - (o == (int)class ? 1.0f : 0.0f)) * weight;
    for (int o = 0; o < OUTPUTS; o++) {
        for (int i = 0; i < HIDDEN; i++) {
            g2[o * HIDDEN + i] += e[o] * h[i];
            d[i] += w2[o * HIDDEN + i] * e[o];
        }
        gb2[o] += e[o];
    }
    for (int o = 0; o < HIDDEN; o++) {
        d[o] *= h[o] > 0.0f ? 1.0f : 0.0f;
        for (int i = 0; i < INPUTS; i++)
            g1[o * INPUTS + i] += d[o] * a[i];
        gb1[o] += d[o];
    }
}

void c_trainer(const struct coefficients *c, const uint8_t *inputs, const uint8_t *targets, struct stream *s, float (*weights)[D]) {
    float *x = weights[0], *m = weights[1], *g = weights[2];
    for (int i = 0; i < D; i++)
        g[i] = 0.0f;
    for (int k = 0; k < BATCH; k++) {
        uint32_t j = (uint32_t)((uint64_t)word(s) * EXAMPLES >> 32);
        add_gradient(inputs + j * INPUTS, targets[j], c->noise / (float)BATCH, x, g);
    }
    momentum_step(c, x, m, g, D);
}
