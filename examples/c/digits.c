/* Trains a network of 64-32-10 units on 1440 digits of 8 x 8 pixels for 30 epochs and reads 357 that it has not seen: the training of
 * examples/firmware and of trajectory 0 of `polyak run examples/digits.toml`, to the bit, in C. It takes 36 kB of RAM.
 *
 * tests/c/run makes digits-data.h from examples/data (E. Alpaydin and C. Kaynak, CC BY 4.0). */
#include "console.h"
#include "digest.h"
#include "digits-data.h"
#include "polyak.h"

#define PARAMETERS (64 * 32 + 32 + 32 * 10 + 10)
#define BATCH 32
#define EPOCHS 30

static const polyak_optimizer sgdm = {.method = POLYAK_METHOD_SGDM};
static const polyak_batch_f32 batches = {.size = BATCH, .sampling = POLYAK_SAMPLING_EPOCHS};
static const polyak_network_f32 network = {
    .shape = {{64, 32, 10}, 2},
    .activation = POLYAK_ACTIVATION_RELU,
    .loss = POLYAK_LOSS_CROSS_ENTROPY,
    .examples = {.bytes = digits, .classes = digits_classes, .scale = 0.0625f, .count = DIGITS}};
static const polyak_network_f32 unseen = {
    .shape = {{64, 32, 10}, 2},
    .activation = POLYAK_ACTIVATION_RELU,
    .loss = POLYAK_LOSS_CROSS_ENTROPY,
    .examples = {.bytes = digits_test, .classes = digits_test_classes, .scale = 0.0625f, .count = DIGITS_TEST}};

/* All that the training needs. */
static float weights[PARAMETERS], momenta[PARAMETERS], gradient[PARAMETERS];
static uint32_t deck[DIGITS];
static polyak_state_f32 state;

static polyak_status print_loss(uint32_t epoch)
{
    union { float loss; uint32_t bits; } u;
    const polyak_status status = polyak_loss_f32(&network, weights, PARAMETERS, &u.loss);
    print("epoch ");
    print_decimal(epoch);
    print(" of 30: loss ");
    print_hex(u.bits, 8);
    print("\n");
    return status;
}

static polyak_status train(void)
{
    polyak_coefficients_f32 step;
    polyak_status status = polyak_initialize_f32(&network.shape, POLYAK_INITIAL_HE, 1, weights, PARAMETERS);
    if (status == POLYAK_STATUS_OK)
        status = polyak_state_init_f32(&state, weights, momenta, PARAMETERS, deck, DIGITS, POLYAK_PCG32, 1, 0);
    if (status == POLYAK_STATUS_OK)
        status = polyak_coefficients_at_f32(&sgdm, 0, 0.1, 0.9, &step);
    if (status == POLYAK_STATUS_OK)
        status = print_loss(0);
    for (uint32_t epoch = 1; epoch <= EPOCHS && status == POLYAK_STATUS_OK; epoch++) {
        for (int k = 0; k < DIGITS / BATCH && status == POLYAK_STATUS_OK; k++)
            status = polyak_train_f32(&network, &batches, &step, &state, gradient);
        if (status == POLYAK_STATUS_OK)
            status = print_loss(epoch);
    }
    return status;
}

int main(void)
{
    uint32_t hits = 0;
    polyak_status status = train();
    if (status == POLYAK_STATUS_OK)
        status = polyak_hits_f32(&unseen, weights, PARAMETERS, &hits);
    if (status != POLYAK_STATUS_OK) {
        print(polyak_status_text(status));
        print("\n");
        return 1;
    }
    print_decimal(hits);
    print(" of ");
    print_decimal(DIGITS_TEST);
    print(" unseen digits read\ndigest ");
    print_hex(digest_f32(DIGEST_BEGIN, weights, PARAMETERS), 16);
    print("\n");
    return 0;
}
