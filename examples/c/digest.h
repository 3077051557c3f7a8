/* 64-bit FNV-1a over numbers, each little-endian, every NaN the one quiet NaN: the digest that `polyak run` prints. */
#ifndef DIGEST_H
#define DIGEST_H

#include <stddef.h>
#include <stdint.h>

#define DIGEST_BEGIN 0xcbf29ce484222325u

static inline uint64_t digest_bytes(uint64_t digest, const uint8_t *bytes, size_t count)
{
    while (count--)
        digest = (digest ^ *bytes++) * 0x00000100000001b3u;
    return digest;
}

static inline uint64_t digest_word(uint64_t digest, uint64_t word, int bytes)
{
    for (; bytes > 0; bytes--, word >>= 8)
        digest = (digest ^ (word & 255)) * 0x00000100000001b3u;
    return digest;
}

static inline uint64_t digest_f32(uint64_t digest, const float *numbers, size_t count)
{
    union { float number; uint32_t bits; } u;
    for (size_t i = 0; i < count; i++) {
        u.number = numbers[i];
        digest = digest_word(digest, u.number != u.number ? 0x7fc00000u : u.bits, 4);
    }
    return digest;
}

static inline uint64_t digest_f64(uint64_t digest, const double *numbers, size_t count)
{
    union { double number; uint64_t bits; } u;
    for (size_t i = 0; i < count; i++) {
        u.number = numbers[i];
        digest = digest_word(digest, u.number != u.number ? 0x7ff8000000000000u : u.bits, 8);
    }
    return digest;
}

#endif
