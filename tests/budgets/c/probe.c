// Firmware that calls each piece, ours and the one by hand, on the same numbers, and prints through semihosting what the call took:
//
//     <piece> <instructions of ours> <bytes of stack of ours> <instructions by hand> <bytes of stack by hand>
//
// Instructions are exact: the emulator counts time in instructions (-icount), and a thousand of them are counted first to see that it
// does. Stack is painted before a call, and what is no longer paint after it was used. Both must leave the same bits.

#include "board.h"
#include "pieces.h"

enum { STACK_WORDS = 1024, PAINT = 0x5aa55aa5 };

typedef void call(void *, void *, void *, void *, void *);

// Ours, of src/lib.rs.
extern call sgd, sgdm, svag, normal, trainer;
void set_coefficients(void *coefficients, const struct coefficients *from);
void set_stream(void *stream, uint64_t seed, uint64_t trajectory);
void set_words(uint64_t *words, uint64_t seed, uint64_t trajectory);

static uint64_t our_stream[16], our_coefficients[4];
static struct stream stream;
static const struct coefficients coefficients = {0.9f, 0.1f, 0.05f, 0.05f, 1.0f};
static const float r[2] = {-0.618034f, 1.618034f};
static float g[2][N];
static uint8_t inputs[EXAMPLES * INPUTS], targets[EXAMPLES];

// What a piece changes.
static struct {
    float x[N], m[N], weights[3][D];
} changed;

static void print_number(uint32_t n) {
    char digits[11] = {0};
    char *at = digits + 10;
    do {
        *--at = (char)('0' + n % 10);
        n /= 10;
    } while (n != 0);
    print(" ");
    print(at);
}

static uint32_t state;

static uint32_t chance(void) {
    state = state * 1664525u + 1013904223u;
    return state >> 16;
}

// A number from −1 to 1.
static float number(void) { return (float)((int32_t)chance() - 32768) * (1.0f / 32768.0f); }

// The same numbers before every call.
static void begin(void) {
    state = 1;
    float *all = (float *)&changed;
    for (unsigned i = 0; i < sizeof changed / sizeof *all; i++)
        all[i] = number() * 0.25f;
    for (int i = 0; i < N; i++) {
        g[0][i] = number();
        g[1][i] = number();
    }
    for (unsigned i = 0; i < sizeof inputs; i++)
        inputs[i] = chance() >> 12;
    for (unsigned i = 0; i < sizeof targets; i++)
        targets[i] = chance() % OUTPUTS;
    set_coefficients(our_coefficients, &coefficients);
    set_stream(our_stream, 1, 0);
    uint64_t words[2];
    set_words(words, 1, 0);
    stream = (struct stream){.state = words[0], .increment = words[1]};
}

static uint32_t digest(void) {
    uint32_t hash = 2166136261u;
    for (const uint8_t *at = (const uint8_t *)&changed; at < (const uint8_t *)(&changed + 1); at++)
        hash = (hash ^ *at) * 16777619u;
    return hash;
}

struct cost {
    uint32_t instructions, stack;
};

static __attribute__((noinline)) struct cost measure(call *piece, void *const *a) {
    volatile uint32_t *top = stack_pointer(), *bottom = top - STACK_WORDS;
    for (volatile uint32_t *at = bottom; at < top; at++)
        *at = PAINT;
    uint32_t before = now();
    piece(a[0], a[1], a[2], a[3], a[4]);
    uint32_t ticks = now() - before;
    volatile uint32_t *used = bottom;
    while (used < top && *used == PAINT)
        used++;
    return (struct cost){instructions(ticks), (uint32_t)(top - used) * 4};
}

static uint32_t overhead;

static uint32_t compare(const char *name, call *ours, void *const *our_arguments, call *by_hand, void *const *arguments) {
    begin();
    struct cost a = measure(ours, our_arguments);
    uint32_t left = digest();
    begin();
    struct cost b = measure(by_hand, arguments);
    print(name);
    print_number(a.instructions - overhead);
    print_number(a.stack);
    print_number(b.instructions - overhead);
    print_number(b.stack);
    print("\n");
    if (left == digest())
        return 0;
    print(name);
    print(": ours and the one by hand leave different bits\n");
    return 1;
}

int main(void) {
    start_clock();
    void *none[5] = {0};
    // The call itself; `nothing` is one instruction, and `thousand` one and a thousand.
    overhead = measure(nothing, none).instructions - 1;
    uint32_t counted = measure(thousand, none).instructions - overhead;
    if (counted != 1001) {
        print("a thousand instructions and a return were counted as");
        print_number(counted);
        print("\n");
        return 1;
    }
    void *ours = our_coefficients, *theirs = (void *)&coefficients, *x = changed.x, *m = changed.m, *w = changed.weights;
    uint32_t wrong = 0;
#define COMPARE(piece, ...) \
    wrong += compare(#piece, piece, (void *const[5]){ours, __VA_ARGS__}, (call *)c_##piece, (void *const[5]){theirs, __VA_ARGS__})
    COMPARE(sgd, x, g[0]);
    COMPARE(sgdm, x, m, g[0]);
    COMPARE(svag, (void *)r, x, m, g);
    ours = our_stream, theirs = &stream;
    COMPARE(normal, x);
    wrong += compare("trainer", trainer, (void *const[5]){our_coefficients, inputs, targets, our_stream, w}, (call *)c_trainer,
                     (void *const[5]){(void *)&coefficients, inputs, targets, &stream, w});
    return wrong != 0;
}
