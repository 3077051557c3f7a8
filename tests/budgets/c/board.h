// Start, clock and output on the emulated boards.

#include <stdint.h>

int main(void);
void print(const char *text);
// One instruction, and a thousand and one.
void nothing(void *, void *, void *, void *, void *);
void thousand(void *, void *, void *, void *, void *);

#ifdef __arm__

// A CMSDK timer that counts down from its largest value, a tick every TICK nanoseconds.
#define TIMER ((volatile uint32_t *)TIMER_ADDRESS)

static inline __attribute__((always_inline)) void *stack_pointer(void) {
    void *sp;
    __asm__ volatile("mov %0, sp" : "=r"(sp));
    return sp;
}

static inline void start_clock(void) {
    TIMER[2] = UINT32_MAX;
    TIMER[1] = UINT32_MAX;
    TIMER[0] = 1;
}

static inline __attribute__((always_inline)) uint32_t now(void) { return ~TIMER[1]; }

// An instruction is 2⁷ ns (-icount shift=7), two ticks or more, so the nearest number is the right one.
static inline uint32_t instructions(uint32_t ticks) { return (uint32_t)(((uint64_t)ticks * TICK + 64) >> 7); }

#else

static inline __attribute__((always_inline)) void *stack_pointer(void) {
    void *sp;
    __asm__ volatile("mv %0, sp" : "=r"(sp));
    return sp;
}

static inline void start_clock(void) {}

static inline __attribute__((always_inline)) uint32_t now(void) {
    uint32_t count;
    __asm__ volatile("csrr %0, minstret" : "=r"(count));
    return count;
}

static inline uint32_t instructions(uint32_t count) { return count; }

#endif
