// SGDM on a diagonal quadratic with normal noise, one thread a trajectory, state in registers, normals by cuRAND's Philox:
//     curand JOB TRAJECTORIES STEPS ROUNDS      JOB is Q8 or Q1
// It prints a line of JSON: seconds of each round by events, and sums of x and of (x - mean)^2 by coordinate, made on the host.
// Compiled with: nvcc -O3 -std=c++17 -o curand curand.cu (fused operations allowed: this program owes nobody its bits).
#include <curand_kernel.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

#define CHECK(call)                                                                            \
    do {                                                                                       \
        cudaError_t error = (call);                                                            \
        if (error != cudaSuccess) {                                                            \
            std::fprintf(stderr, "curand: %s: %s\n", #call, cudaGetErrorString(error));        \
            std::exit(3);                                                                      \
        }                                                                                      \
    } while (0)

template <int D>
struct Curvature {
    float h[D];
};

// Four normals at a time: with D = 1 they serve four steps, with D = 8 two blocks serve one.
template <int D>
__global__ void sgdm(float* out, unsigned long long n, int steps, unsigned long long seed, Curvature<D> curvature,
                     float beta, float rate, float sigma) {
    unsigned long long t = blockIdx.x * static_cast<unsigned long long>(blockDim.x) + threadIdx.x;
    if (t >= n) return;
    curandStatePhilox4_32_10_t state;
    curand_init(seed, t, 0, &state);
    float x[D], m[D];
#pragma unroll
    for (int i = 0; i < D; ++i) x[i] = 1.0f, m[i] = 0.0f;
    constexpr int together = D >= 4 ? 1 : 4 / D;
    for (int k = 0; k < steps; k += together) {
#pragma unroll
        for (int q = 0; q < D * together / 4; ++q) {
            float4 z = curand_normal4(&state);
            float noise[4] = {z.x, z.y, z.z, z.w};
#pragma unroll
            for (int j = 0; j < 4; ++j) {
                int i = (4 * q + j) % D;
                if (D >= 4 || k + (4 * q + j) / D < steps) {
                    m[i] = beta * m[i] + (1.0f - beta) * (curvature.h[i] * x[i] + sigma * noise[j]);
                    x[i] -= rate * m[i];
                }
            }
        }
    }
#pragma unroll
    for (int i = 0; i < D; ++i) out[i * n + t] = x[i];
}

template <int D>
int run(unsigned long long n, int steps, int rounds) {
    Curvature<D> curvature;
    for (int i = 0; i < D; ++i) curvature.h[i] = D == 1 ? 1.0f : std::pow(10.0f, -1.0f + i / float(D - 1));
    float* out;
    CHECK(cudaMalloc(&out, sizeof(float) * n * D));
    cudaEvent_t begin, end;
    CHECK(cudaEventCreate(&begin));
    CHECK(cudaEventCreate(&end));
    unsigned blocks = static_cast<unsigned>((n + 127) / 128);
    std::printf("{\"version\": \"CUDA %d.%d\", \"seconds\": [", CUDART_VERSION / 1000, CUDART_VERSION % 1000 / 10);
    for (int round = -1; round < rounds; ++round) {
        CHECK(cudaEventRecord(begin));
        sgdm<D><<<blocks, 128>>>(out, n, steps, 1, curvature, 0.9f, 0.01f, 10.0f);
        CHECK(cudaGetLastError());
        CHECK(cudaEventRecord(end));
        CHECK(cudaEventSynchronize(end));
        float milliseconds;
        CHECK(cudaEventElapsedTime(&milliseconds, begin, end));
        // The first round is the one that loads the kernel.
        if (round >= 0) std::printf("%s%.9g", round ? ", " : "", milliseconds / 1e3);
    }
    std::unique_ptr<float[]> x(new float[n * D]);
    CHECK(cudaMemcpy(x.get(), out, sizeof(float) * n * D, cudaMemcpyDeviceToHost));
    double mean[D] = {}, variance[D] = {};
    for (int i = 0; i < D; ++i) {
        for (unsigned long long t = 0; t < n; ++t) mean[i] += x[i * n + t] / double(n);
        for (unsigned long long t = 0; t < n; ++t) variance[i] += std::pow(x[i * n + t] - mean[i], 2) / double(n - 1);
    }
    std::printf("], \"mean\": [");
    for (int i = 0; i < D; ++i) std::printf("%s%.12g", i ? ", " : "", mean[i]);
    std::printf("], \"variance\": [");
    for (int i = 0; i < D; ++i) std::printf("%s%.12g", i ? ", " : "", variance[i]);
    std::printf("]}\n");
    return 0;
}

int main(int argc, char** argv) {
    if (argc != 5) {
        std::fprintf(stderr, "usage: curand Q8|Q1 TRAJECTORIES STEPS ROUNDS\n");
        return 2;
    }
    unsigned long long n = std::strtoull(argv[2], nullptr, 10);
    int steps = std::atoi(argv[3]), rounds = std::atoi(argv[4]);
    return std::strcmp(argv[1], "Q1") == 0 ? run<1>(n, steps, rounds) : run<8>(n, steps, rounds);
}
