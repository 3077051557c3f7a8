/* Provokes every status of polyak.h, and checks that what is refused is left as it was. Exit 0 if all came as they must. */
#include "polyak.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static int wrong;
static int seen[64];

static void expect_at(int line, polyak_status expected, polyak_status found)
{
    if (found >= 0 && found < 64)
        seen[found] = 1;
    if (found == expected)
        return;
    wrong = 1;
    printf("line %d: %d (%s) instead of %d\n", line, (int)found, polyak_status_text(found), (int)expected);
}
#define EXPECT(status, call) expect_at(__LINE__, POLYAK_STATUS_##status, call)

static void require_at(int line, int condition)
{
    if (condition)
        return;
    wrong = 1;
    printf("line %d does not hold\n", line);
}
#define REQUIRE(condition) require_at(__LINE__, condition)

static int put(void *context, const uint8_t *bytes, size_t count)
{
    uint8_t **to = context;
    memcpy(*to, bytes, count);
    *to += count;
    return 0;
}

static int refuse(void *context, const uint8_t *bytes, size_t count)
{
    (void)context;
    (void)bytes;
    (void)count;
    return 1;
}

static double one(void *context, uint64_t k)
{
    (void)context;
    (void)k;
    return 1.0;
}

#define SIZE(name, type) REQUIRE(polyak_size_of(POLYAK_SIZE_OF_##name) == sizeof(type))

static void sizes(void)
{
    SIZE(OPTIMIZER, polyak_optimizer);
    SIZE(SHAPE, polyak_shape);
    SIZE(STREAM_F32, polyak_stream_f32);
    SIZE(STREAM_F64, polyak_stream_f64);
    SIZE(COEFFICIENTS_F32, polyak_coefficients_f32);
    SIZE(COEFFICIENTS_F64, polyak_coefficients_f64);
    SIZE(NOISE_F32, polyak_noise_f32);
    SIZE(NOISE_F64, polyak_noise_f64);
    SIZE(STATE_F32, polyak_state_f32);
    SIZE(STATE_F64, polyak_state_f64);
    SIZE(EXAMPLES_F32, polyak_examples_f32);
    SIZE(EXAMPLES_F64, polyak_examples_f64);
    SIZE(NETWORK_F32, polyak_network_f32);
    SIZE(NETWORK_F64, polyak_network_f64);
    SIZE(LAW_F32, polyak_law_f32);
    SIZE(LAW_F64, polyak_law_f64);
    SIZE(SVAG_F32, polyak_svag_f32);
    SIZE(SVAG_F64, polyak_svag_f64);
    SIZE(BATCH_F32, polyak_batch_f32);
    SIZE(BATCH_F64, polyak_batch_f64);
    SIZE(LABEL_NOISE_F32, polyak_label_noise_f32);
    SIZE(LABEL_NOISE_F64, polyak_label_noise_f64);
    REQUIRE(polyak_size_of(0) == 0 && polyak_size_of(23) == 0);
}

static void streams(void)
{
    const polyak_law_f32 unknown = {.kind = 5};
    polyak_law_f32 student = {.kind = POLYAK_LAW_STUDENT_T};
    polyak_stream_f32 stream = {{0}, {0}, 0, 0}, before;
    float z[4] = {9, 9, 9, 9};
    EXPECT(GENERATOR, polyak_normal_f32(&stream, z, 4));
    EXPECT(GENERATOR, polyak_stream_init_f32(&stream, 3, 1, 1));
    EXPECT(NULL_POINTER, polyak_stream_init_f32(NULL, POLYAK_PCG32, 1, 1));
    EXPECT(OK, polyak_stream_init_f32(&stream, POLYAK_PCG32, 1, 1));
    before = stream;
    EXPECT(LAW, polyak_draw_f32(&stream, &unknown, z, 4));
    EXPECT(DEGREES_OF_FREEDOM, polyak_draw_f32(&stream, &student, z, 4));
    EXPECT(DEGREES_OF_FREEDOM, polyak_student_f32(2.0, &student));
    EXPECT(DEGREES_OF_FREEDOM, polyak_student_f32(NAN, &student));
    EXPECT(NULL_POINTER, polyak_student_f32(3.0, NULL));
    EXPECT(NULL_POINTER, polyak_draw_f32(&stream, NULL, z, 4));
    EXPECT(NULL_POINTER, polyak_normal_f32(&stream, NULL, 4));
    EXPECT(NULL_POINTER, polyak_indices_f32(&stream, 4, NULL, 1));
    EXPECT(OK, polyak_normal_f32(&stream, NULL, 0));
    REQUIRE(memcmp(&before.words, &stream.words, sizeof before.words) == 0 && z[0] == 9 && z[3] == 9);
}

static void optimizers(void)
{
    polyak_optimizer o = {0};
    polyak_coefficients_f64 c = {0}, before;
    polyak_svag_f64 svag = {1, 2};
    double x[2] = {1, 2}, m[2] = {0, 0}, g[2] = {1, 1};
    EXPECT(METHOD, polyak_step_f64(&c, x, m, g, 2));
    EXPECT(OK, polyak_coefficients_at_f64(&o, 0, 0.5, 0.0, &c));
    EXPECT(OK, polyak_step_f64(&c, x, NULL, g, 2));
    REQUIRE(x[0] == 0.5 && x[1] == 1.5);
    EXPECT(NULL_POINTER, polyak_step_f64(&c, NULL, m, g, 2));
    EXPECT(NULL_POINTER, polyak_step_f64(NULL, x, m, g, 2));
    EXPECT(NULL_POINTER, polyak_coefficients_at_f64(&o, 0, 0.5, 0.0, NULL));
    before = c;
    EXPECT(LEARNING_RATE, polyak_coefficients_at_f64(&o, 0, -0.5, 0.0, &c));
    EXPECT(LEARNING_RATE, polyak_coefficients_at_f64(&o, 0, NAN, 0.0, &c));
    EXPECT(MOMENTUM, polyak_coefficients_at_f64(&o, 0, 0.5, 1.0, &c));
    EXPECT(MOMENTUM, polyak_draw_momentum_f64(&o, -0.1, 1.0, &c));
    EXPECT(GAIN, polyak_draw_momentum_f64(&o, 0.1, INFINITY, &c));
    o.weight_decay = -1;
    EXPECT(WEIGHT_DECAY, polyak_coefficients_at_f64(&o, 0, 0.5, 0.0, &c));
    o.weight_decay = 0;
    o.method = POLYAK_METHOD_QHM;
    o.nu = 1.5;
    EXPECT(NU, polyak_coefficients_at_f64(&o, 0, 0.5, 0.0, &c));
    o.method = POLYAK_METHOD_HEAVY_BALL;
    o.nesterov = 1;
    o.dampening = 0.1;
    EXPECT(DAMPENING, polyak_coefficients_at_f64(&o, 0, 0.5, 0.0, &c));
    o.method = 4;
    EXPECT(METHOD, polyak_coefficients_at_f64(&o, 0, 0.5, 0.0, &c));
    REQUIRE(c.gradient_step == before.gradient_step && c.form == before.form);
    o.method = POLYAK_METHOD_SGDM;
    EXPECT(OK, polyak_coefficients_at_f64(&o, 0, 0.5, 0.5, &c));
    EXPECT(NULL_POINTER, polyak_step_f64(&c, x, NULL, g, 2));
    EXPECT(ELL, polyak_svag_init_f64(&svag, 0.4));
    EXPECT(NULL_POINTER, polyak_svag_init_f64(NULL, 1.0));
    EXPECT(NULL_POINTER, polyak_svag_mix_f64(&svag, g, NULL, 2));
    EXPECT(MOMENTUM, polyak_averaged(one, one, NULL, g, 2));
    EXPECT(NULL_POINTER, polyak_averaged(NULL, one, NULL, g, 2));
    EXPECT(NULL_POINTER, polyak_step_decay(1.0, 0.5, NULL, 2, 0, g));
}

static void noises(void)
{
    const polyak_optimizer o = {0};
    polyak_coefficients_f32 c;
    polyak_stream_f32 stream;
    polyak_noise_f32 noise = {0};
    float x[2] = {0, 0}, g[2] = {7, 7};
    EXPECT(OK, polyak_coefficients_at_f32(&o, 0, 0.5, 0.0, &c));
    EXPECT(OK, polyak_stream_init_f32(&stream, POLYAK_PHILOX, 1, 1));
    noise.scale = -1;
    EXPECT(SCALE, polyak_add_noise_f32(&noise, &c, &stream, x, g, 2));
    noise.scale = 1;
    noise.svag.first = NAN;
    EXPECT(ELL, polyak_add_noise_f32(&noise, &c, &stream, x, g, 2));
    noise.svag.first = 0;
    noise.covariance = POLYAK_COVARIANCE_DIAGONAL;
    EXPECT(NULL_POINTER, polyak_add_noise_f32(&noise, &c, &stream, x, g, 2));
    noise.covariance = POLYAK_COVARIANCE_STATE;
    noise.factor = noise.quadratic = x;
    EXPECT(NULL_POINTER, polyak_add_noise_f32(&noise, &c, &stream, NULL, g, 2));
    noise.covariance = POLYAK_COVARIANCE_DENSE;
    EXPECT(LENGTH, polyak_add_noise_f32(&noise, &c, &stream, x, NULL, SIZE_MAX / 2));
    noise.covariance = 4;
    EXPECT(COVARIANCE, polyak_add_noise_f32(&noise, &c, &stream, x, g, 2));
    REQUIRE(g[0] == 7 && g[1] == 7);
    noise.covariance = POLYAK_COVARIANCE_IDENTITY;
    EXPECT(OK, polyak_add_noise_f32(&noise, &c, &stream, NULL, g, 2));
    REQUIRE(g[0] != 7 && g[1] != 7);
}

static void networks(void)
{
    const float inputs[4] = {0, 1, 2, 3}, classes[2] = {0, 1};
    polyak_network_f32 network = {.shape = {{2, 2}, 1}, .examples = {.inputs = inputs, .targets = classes, .count = 2}};
    const polyak_network_f32 good = network;
    polyak_batch_f32 batch = {0};
    polyak_label_noise_f32 labels = {0};
    polyak_optimizer o = {0};
    polyak_coefficients_f32 c;
    polyak_state_f32 state;
    float x[6] = {1, 2, 3, 4, 5, 6}, m[6], g[6] = {8}, loss = 3, outputs[2];
    uint32_t deck[2], hits;
    EXPECT(OK, polyak_coefficients_at_f32(&o, 0, 0.5, 0.0, &c));
    EXPECT(GENERATOR, polyak_state_init_f32(&state, x, m, 6, deck, 2, 0, 1, 1));
    EXPECT(NULL_POINTER, polyak_state_init_f32(&state, NULL, m, 6, deck, 2, POLYAK_PCG32, 1, 1));
    EXPECT(NULL_POINTER, polyak_state_init_f32(&state, x, m, 6, NULL, 2, POLYAK_PCG32, 1, 1));
    EXPECT(OK, polyak_state_init_f32(&state, x, m, 6, deck, 2, POLYAK_PCG32, 1, 1));
    REQUIRE(polyak_parameters(&network.shape) == 6 && polyak_parameters(NULL) == 0);

    network.shape.layers = 0;
    EXPECT(LAYERS, polyak_loss_f32(&network, x, 6, &loss));
    network.shape.layers = 9;
    EXPECT(LAYERS, polyak_loss_f32(&network, x, 6, &loss));
    network.shape.layers = 2;
    EXPECT(WIDTH, polyak_loss_f32(&network, x, 6, &loss));
    network.shape.widths[2] = 253;
    EXPECT(UNITS, polyak_loss_f32(&network, x, 6, &loss));
    REQUIRE(polyak_parameters(&network.shape) == 0);
    network.shape.widths[0] = network.shape.widths[1] = network.shape.widths[2] = 65535;
    EXPECT(PARAMETERS, polyak_loss_f32(&network, x, 6, &loss));
    network = good;
    network.activation = 4;
    EXPECT(ACTIVATION, polyak_loss_f32(&network, x, 6, &loss));
    network = good;
    network.loss = 3;
    EXPECT(LOSS, polyak_loss_f32(&network, x, 6, &loss));
    network = good;
    network.examples.count = 0;
    EXPECT(EXAMPLES, polyak_loss_f32(&network, x, 6, &loss));
    EXPECT(OK, polyak_predict_f32(&network, x, 6, inputs, 2, outputs, 2));
    network = good;
    network.examples.targets = NULL;
    EXPECT(NULL_POINTER, polyak_loss_f32(&network, x, 6, &loss));
    EXPECT(LENGTH, polyak_loss_f32(&good, x, 5, &loss));
    EXPECT(LENGTH, polyak_predict_f32(&good, x, 6, inputs, 3, outputs, 2));
    EXPECT(LENGTH, polyak_predict_f32(&good, x, 6, inputs, 2, outputs, 1));
    EXPECT(NULL_POINTER, polyak_loss_f32(&good, x, 6, NULL));
    EXPECT(NULL_POINTER, polyak_hits_f32(&good, NULL, 6, &hits));
    EXPECT(INITIAL, polyak_initialize_f32(&good.shape, 3, 1, x, 6));
    EXPECT(LENGTH, polyak_initialize_f32(&good.shape, 0, 1, x, 5));
    REQUIRE(loss == 3 && x[0] == 1 && x[5] == 6);

    EXPECT(BATCH, polyak_train_f32(&good, &batch, &c, &state, g));
    batch.size = 3;
    batch.sampling = POLYAK_SAMPLING_EPOCHS;
    EXPECT(BATCH, polyak_train_f32(&good, &batch, &c, &state, g));
    batch.size = 1;
    state.cards = 1;
    EXPECT(DECK, polyak_train_f32(&good, &batch, &c, &state, g));
    state.cards = 2;
    batch.sampling = 3;
    EXPECT(SAMPLING, polyak_train_f32(&good, &batch, &c, &state, g));
    batch.sampling = POLYAK_SAMPLING_EPOCHS;
    batch.svag.second = INFINITY;
    EXPECT(ELL, polyak_train_f32(&good, &batch, &c, &state, g));
    batch.svag.second = 0;
    labels.labels = 2;
    EXPECT(LABELS, polyak_label_gradient_f32(&good, &labels, &c, &state, g));
    labels.labels = POLYAK_LABELS_ALL;
    labels.scale = NAN;
    EXPECT(SCALE, polyak_label_gradient_f32(&good, &labels, &c, &state, g));
    labels.scale = 0;
    labels.law.kind = 9;
    EXPECT(LAW, polyak_label_gradient_f32(&good, &labels, &c, &state, g));
    EXPECT(LENGTH, polyak_gradient_f32(&good, x, g, 5));
    EXPECT(NULL_POINTER, polyak_gradient_f32(&good, x, NULL, 6));
    o.method = POLYAK_METHOD_SGDM;
    EXPECT(OK, polyak_coefficients_at_f32(&o, 0, 0.5, 0.0, &c));
    state.m = NULL;
    EXPECT(NULL_POINTER, polyak_train_f32(&good, &batch, &c, &state, g));
    REQUIRE(x[0] == 1 && x[5] == 6 && g[0] == 8 && state.dealt == 0);
}

static void checkpoints(void)
{
    polyak_state_f32 state;
    float x[2] = {1, 2}, m[2] = {3, 4};
    uint8_t bytes[256], *to = bytes;
    uint64_t step = 9;
    EXPECT(OK, polyak_state_init_f32(&state, x, m, 2, NULL, 0, POLYAK_PHILOX, 1, 1));
    const size_t size = polyak_checkpoint_size_f32(&state);
    EXPECT(PUT, polyak_save_f32(&state, 1, 5, refuse, NULL));
    EXPECT(NULL_POINTER, polyak_save_f32(&state, 1, 5, NULL, NULL));
    EXPECT(OK, polyak_save_f32(&state, 1, 5, put, &to));
    REQUIRE((size_t)(to - bytes) == size && polyak_checkpoint_size_f32(NULL) == 0);
    x[0] = 7;
    EXPECT(CHECKPOINT_SHORT, polyak_restore_f32(&state, 1, bytes, size - 1, &step));
    EXPECT(CHECKPOINT_OTHER, polyak_restore_f32(&state, 2, bytes, size, &step));
    bytes[70] ^= 1;
    EXPECT(CHECKPOINT_CORRUPT, polyak_inspect_f32(&state, 1, bytes, size, &step));
    EXPECT(CHECKPOINT_CORRUPT, polyak_restore_f32(&state, 1, bytes, size, &step));
    bytes[70] ^= 1;
    bytes[0] ^= 1;
    EXPECT(CHECKPOINT_FOREIGN, polyak_restore_f32(&state, 1, bytes, size, &step));
    bytes[0] ^= 1;
    REQUIRE(x[0] == 7 && step == 9);
    EXPECT(OK, polyak_restore_f32(&state, 1, bytes, size, &step));
    REQUIRE(x[0] == 1 && step == 5);
}

int main(void)
{
    sizes();
    streams();
    optimizers();
    noises();
    networks();
    checkpoints();
    /* The last status, and the first number beyond. */
    const char *none = polyak_status_text(-1);
    int count = 0;
    while (strcmp(polyak_status_text(count), none) != 0)
        count++;
    REQUIRE(count == POLYAK_STATUS_PUT + 1);
    for (int status = 0; status < count; status++)
        if (!seen[status]) {
            wrong = 1;
            printf("%s: status %d was not provoked\n", polyak_status_text(status), status);
        }
    return wrong;
}
