/* polyak: SGD, momentum and SVAG with the same bits on every machine. Manual: core/c/README.md.
 *
 * Nothing is allocated and nothing is kept between calls: structures and arrays are the caller's. A pointer that is not NULL points to as
 * many elements as the length beside it says, and two arrays that are given to one call do not overlap. MIT OR Apache-2.0. */

#ifndef POLYAK_H
#define POLYAK_H

/* Made by core/c/header; do not edit. */

#include <stddef.h>
#include <stdint.h>

/**
 * Version of this interface: a header and a library belong together if polyak_version() returns the header's.
 */
#define POLYAK_VERSION 1

/**
 * Most layers of weights.
 */
#define POLYAK_LAYERS 8

/**
 * Most units of a network, its inputs counted. A pass has two numbers for each of these on the stack.
 */
#define POLYAK_UNITS 256

/**
 * 0 is success. A call that returns anything else has changed nothing, except where its documentation says so.
 */
enum polyak_status
#ifdef __cplusplus
  : int32_t
#endif // __cplusplus
 {
    /**
     * Done.
     */
    POLYAK_STATUS_OK = 0,
    /**
     * A pointer is NULL that must not be.
     */
    POLYAK_STATUS_NULL_POINTER = 1,
    /**
     * A length does not fit.
     */
    POLYAK_STATUS_LENGTH = 2,
    /**
     * A stream that was not initialised.
     */
    POLYAK_STATUS_GENERATOR = 3,
    /**
     * An unknown law.
     */
    POLYAK_STATUS_LAW = 4,
    /**
     * Degrees of freedom of Student's t.
     */
    POLYAK_STATUS_DEGREES_OF_FREEDOM = 5,
    /**
     * An unknown covariance.
     */
    POLYAK_STATUS_COVARIANCE = 6,
    /**
     * Scale of a noise.
     */
    POLYAK_STATUS_SCALE = 7,
    /**
     * ell of SVAG.
     */
    POLYAK_STATUS_ELL = 8,
    /**
     * An unknown method.
     */
    POLYAK_STATUS_METHOD = 9,
    /**
     * Learning rate.
     */
    POLYAK_STATUS_LEARNING_RATE = 10,
    /**
     * Momentum.
     */
    POLYAK_STATUS_MOMENTUM = 11,
    /**
     * Dampening.
     */
    POLYAK_STATUS_DAMPENING = 12,
    /**
     * nu of quasi-hyperbolic momentum.
     */
    POLYAK_STATUS_NU = 13,
    /**
     * Weight decay.
     */
    POLYAK_STATUS_WEIGHT_DECAY = 14,
    /**
     * The gain of the step that draws the momentum.
     */
    POLYAK_STATUS_GAIN = 15,
    /**
     * Number of layers.
     */
    POLYAK_STATUS_LAYERS = 16,
    /**
     * Width of a layer.
     */
    POLYAK_STATUS_WIDTH = 17,
    /**
     * Number of parameters.
     */
    POLYAK_STATUS_PARAMETERS = 18,
    /**
     * Number of units.
     */
    POLYAK_STATUS_UNITS = 19,
    /**
     * An unknown activation.
     */
    POLYAK_STATUS_ACTIVATION = 20,
    /**
     * An unknown loss.
     */
    POLYAK_STATUS_LOSS = 21,
    /**
     * An unknown way to begin.
     */
    POLYAK_STATUS_INITIAL = 22,
    /**
     * A data set without examples.
     */
    POLYAK_STATUS_EXAMPLES = 23,
    /**
     * An unknown sampling.
     */
    POLYAK_STATUS_SAMPLING = 24,
    /**
     * Size of a batch.
     */
    POLYAK_STATUS_BATCH = 25,
    /**
     * An unknown choice of labels.
     */
    POLYAK_STATUS_LABELS = 26,
    /**
     * No deck, or one of another size.
     */
    POLYAK_STATUS_DECK = 27,
    /**
     * Fewer bytes than a checkpoint has.
     */
    POLYAK_STATUS_CHECKPOINT_SHORT = 28,
    /**
     * Not a checkpoint.
     */
    POLYAK_STATUS_CHECKPOINT_FOREIGN = 29,
    /**
     * A checkpoint of something else.
     */
    POLYAK_STATUS_CHECKPOINT_OTHER = 30,
    /**
     * A damaged checkpoint.
     */
    POLYAK_STATUS_CHECKPOINT_CORRUPT = 31,
    /**
     * The caller's function did not take the bytes.
     */
    POLYAK_STATUS_PUT = 32,
};
#ifndef __cplusplus
typedef int32_t polyak_status;
#endif // __cplusplus

/**
 * Generator of a stream: POLYAK_PCG32 or POLYAK_PHILOX.
 */
typedef uint8_t polyak_generator;

/**
 * A stream of random numbers: the generator, and what is left of the last four numbers. It serves one law only. Copy it to
 * fork a run.
 */
typedef struct polyak_stream_f32 {
    /**
     * The generator's state.
     */
    uint64_t words[3];
    /**
     * The last four numbers drawn.
     */
    float block[4];
    /**
     * Which generator.
     */
    polyak_generator generator;
    /**
     * How many of the four are still to come.
     */
    uint8_t left;
} polyak_stream_f32;

/**
 * A law of mean 0 and variance 1: POLYAK_LAW_...
 */
typedef uint8_t polyak_law;

/**
 * A law: its kind, and for Student's t what `polyak_student_` sets. All 0 is the standard normal law.
 */
typedef struct polyak_law_f32 {
    /**
     * Which law.
     */
    polyak_law kind;
    /**
     * 1 / nu and nu - 2 of Student's t with nu degrees of freedom.
     */
    float student[2];
} polyak_law_f32;

/**
 * A stream of random numbers: the generator, and what is left of the last four numbers. It serves one law only. Copy it to
 * fork a run.
 */
typedef struct polyak_stream_f64 {
    /**
     * The generator's state.
     */
    uint64_t words[3];
    /**
     * The last four numbers drawn.
     */
    double block[4];
    /**
     * Which generator.
     */
    polyak_generator generator;
    /**
     * How many of the four are still to come.
     */
    uint8_t left;
} polyak_stream_f64;

/**
 * A law: its kind, and for Student's t what `polyak_student_` sets. All 0 is the standard normal law.
 */
typedef struct polyak_law_f64 {
    /**
     * Which law.
     */
    polyak_law kind;
    /**
     * 1 / nu and nu - 2 of Student's t with nu degrees of freedom.
     */
    double student[2];
} polyak_law_f64;

/**
 * An optimiser: POLYAK_METHOD_...
 */
typedef uint8_t polyak_method;

/**
 * An optimiser and its options; what is not set is 0. It can lie in flash.
 */
typedef struct polyak_optimizer {
    /**
     * The recurrence.
     */
    polyak_method method;
    /**
     * Heavy ball: not 0 for Nesterov's step.
     */
    uint8_t nesterov;
    /**
     * Heavy ball: not 0 for PyTorch's first step, m' = g whatever m and the dampening are.
     */
    uint8_t first_step;
    /**
     * Not 0 to go up: -g in place of g.
     */
    uint8_t maximize;
    /**
     * Heavy ball: what of g does not enter m.
     */
    double dampening;
    /**
     * QHM: from 0 (SGD) to 1 (SGDM).
     */
    double nu;
    /**
     * g + weight_decay x in place of g.
     */
    double weight_decay;
} polyak_optimizer;

/**
 * What a step of the recurrence multiplies with, each rounded once. `polyak_coefficients_at_` sets it.
 */
typedef struct polyak_coefficients_f32 {
    /**
     * What is kept of m.
     */
    float decay;
    /**
     * What enters m of the gradient.
     */
    float gain;
    /**
     * How far x moves along the gradient.
     */
    float gradient_step;
    /**
     * How far x moves along m'.
     */
    float momentum_step;
    /**
     * What noise is multiplied by: 1, but for a step that draws the momentum.
     */
    float noise;
    /**
     * What is added of x to the gradient.
     */
    float weight_decay;
    /**
     * Which terms there are, not 0.
     */
    uint8_t form;
    /**
     * Whether the sign of the gradient is turned.
     */
    uint8_t maximize;
} polyak_coefficients_f32;

/**
 * SVAG's weights of two draws, set by `polyak_svag_init_`; both 0 is one draw of weight 1.
 */
typedef struct polyak_svag_f32 {
    /**
     * (1 - sqrt(2 ell - 1)) / 2.
     */
    float first;
    /**
     * (1 + sqrt(2 ell - 1)) / 2.
     */
    float second;
} polyak_svag_f32;

/**
 * What a step of the recurrence multiplies with, each rounded once. `polyak_coefficients_at_` sets it.
 */
typedef struct polyak_coefficients_f64 {
    /**
     * What is kept of m.
     */
    double decay;
    /**
     * What enters m of the gradient.
     */
    double gain;
    /**
     * How far x moves along the gradient.
     */
    double gradient_step;
    /**
     * How far x moves along m'.
     */
    double momentum_step;
    /**
     * What noise is multiplied by: 1, but for a step that draws the momentum.
     */
    double noise;
    /**
     * What is added of x to the gradient.
     */
    double weight_decay;
    /**
     * Which terms there are, not 0.
     */
    uint8_t form;
    /**
     * Whether the sign of the gradient is turned.
     */
    uint8_t maximize;
} polyak_coefficients_f64;

/**
 * SVAG's weights of two draws, set by `polyak_svag_init_`; both 0 is one draw of weight 1.
 */
typedef struct polyak_svag_f64 {
    /**
     * (1 - sqrt(2 ell - 1)) / 2.
     */
    double first;
    /**
     * (1 + sqrt(2 ell - 1)) / 2.
     */
    double second;
} polyak_svag_f64;

/**
 * A schedule of the caller's: its value at step k.
 */
typedef double (*polyak_schedule)(void *context, uint64_t k);

/**
 * A covariance B B^T: POLYAK_COVARIANCE_...
 */
typedef uint8_t polyak_covariance;

/**
 * Noise `scale` times B z, with z of a law: what is added to a gradient. What is not set is 0: standard normal, B = 1, no SVAG.
 */
typedef struct polyak_noise_f32 {
    /**
     * The law of z.
     */
    struct polyak_law_f32 law;
    /**
     * SVAG's weights, or 0.
     */
    struct polyak_svag_f32 svag;
    /**
     * What B is.
     */
    polyak_covariance covariance;
    /**
     * What the noise is multiplied by.
     */
    float scale;
    /**
     * Numbers of B, as the covariance asks; may lie in flash.
     */
    const float *factor;
    /**
     * More of them, for a variance that depends on the point.
     */
    const float *quadratic;
} polyak_noise_f32;

/**
 * Noise `scale` times B z, with z of a law: what is added to a gradient. What is not set is 0: standard normal, B = 1, no SVAG.
 */
typedef struct polyak_noise_f64 {
    /**
     * The law of z.
     */
    struct polyak_law_f64 law;
    /**
     * SVAG's weights, or 0.
     */
    struct polyak_svag_f64 svag;
    /**
     * What B is.
     */
    polyak_covariance covariance;
    /**
     * What the noise is multiplied by.
     */
    double scale;
    /**
     * Numbers of B, as the covariance asks; may lie in flash.
     */
    const double *factor;
    /**
     * More of them, for a variance that depends on the point.
     */
    const double *quadratic;
} polyak_noise_f64;

/**
 * A training: parameters, momentum, stream, and the deck of a data set that is gone through in epochs. With the step number it is
 * everything that the future depends on.
 */
typedef struct polyak_state_f32 {
    /**
     * n parameters.
     */
    float *x;
    /**
     * n momenta; NULL for SGD.
     */
    float *m;
    /**
     * How many.
     */
    size_t n;
    /**
     * As many cards as there are examples, or NULL.
     */
    uint32_t *deck;
    /**
     * How many.
     */
    uint32_t cards;
    /**
     * How many of them have been dealt in this epoch.
     */
    uint32_t dealt;
    /**
     * Random numbers to come.
     */
    struct polyak_stream_f32 stream;
} polyak_state_f32;

/**
 * A training: parameters, momentum, stream, and the deck of a data set that is gone through in epochs. With the step number it is
 * everything that the future depends on.
 */
typedef struct polyak_state_f64 {
    /**
     * n parameters.
     */
    double *x;
    /**
     * n momenta; NULL for SGD.
     */
    double *m;
    /**
     * How many.
     */
    size_t n;
    /**
     * As many cards as there are examples, or NULL.
     */
    uint32_t *deck;
    /**
     * How many.
     */
    uint32_t cards;
    /**
     * How many of them have been dealt in this epoch.
     */
    uint32_t dealt;
    /**
     * Random numbers to come.
     */
    struct polyak_stream_f64 stream;
} polyak_state_f64;

/**
 * Widths of the inputs and of the layers: `{{64, 32, 10}, 2}`. The parameters lie layer after layer, each as its weights, a row for each
 * output, and then its biases: PyTorch's order.
 */
typedef struct polyak_shape {
    /**
     * Inputs, then the units of each layer.
     */
    uint16_t widths[9];
    /**
     * Layers of weights, from 1 to POLYAK_LAYERS.
     */
    uint16_t layers;
} polyak_shape;

/**
 * Variance of the initial weights of a layer with n inputs and m outputs: POLYAK_INITIAL_...
 */
typedef uint8_t polyak_initial;

/**
 * What a hidden unit makes of its input: POLYAK_ACTIVATION_...
 */
typedef uint8_t polyak_activation;

/**
 * What an example costs: POLYAK_LOSS_...
 */
typedef uint8_t polyak_loss;

/**
 * A data set, which may lie in flash: rows of numbers, or rows of bytes that are multiplied by `scale`.
 */
typedef struct polyak_examples_f32 {
    /**
     * A row of inputs for each example, or NULL.
     */
    const float *inputs;
    /**
     * A number or a class for each.
     */
    const float *targets;
    /**
     * A row of inputs for each example if `inputs` is NULL.
     */
    const uint8_t *bytes;
    /**
     * A class for each.
     */
    const uint8_t *classes;
    /**
     * What a byte is multiplied by.
     */
    float scale;
    /**
     * How many examples.
     */
    uint32_t count;
} polyak_examples_f32;

/**
 * A network over a data set. It is checked whenever it is used, so there is nothing to begin or end.
 */
typedef struct polyak_network_f32 {
    /**
     * Its layers.
     */
    struct polyak_shape shape;
    /**
     * What hidden units make of their inputs; the last layer is linear.
     */
    polyak_activation activation;
    /**
     * What an example costs.
     */
    polyak_loss loss;
    /**
     * What it learns.
     */
    struct polyak_examples_f32 examples;
} polyak_network_f32;

/**
 * How a batch is drawn: POLYAK_SAMPLING_...
 */
typedef uint8_t polyak_sampling;

/**
 * A batch of examples.
 */
typedef struct polyak_batch_f32 {
    /**
     * SVAG's weights of two batches, or 0.
     */
    struct polyak_svag_f32 svag;
    /**
     * How many examples.
     */
    uint32_t size;
    /**
     * How they are drawn.
     */
    polyak_sampling sampling;
} polyak_batch_f32;

/**
 * Which targets are noisy: POLYAK_LABELS_...
 */
typedef uint8_t polyak_labels;

/**
 * Noise on the targets of the examples.
 */
typedef struct polyak_label_noise_f32 {
    /**
     * Its law.
     */
    struct polyak_law_f32 law;
    /**
     * SVAG's weights, or 0.
     */
    struct polyak_svag_f32 svag;
    /**
     * What it is multiplied by.
     */
    float scale;
    /**
     * Which targets.
     */
    polyak_labels labels;
} polyak_label_noise_f32;

/**
 * A data set, which may lie in flash: rows of numbers, or rows of bytes that are multiplied by `scale`.
 */
typedef struct polyak_examples_f64 {
    /**
     * A row of inputs for each example, or NULL.
     */
    const double *inputs;
    /**
     * A number or a class for each.
     */
    const double *targets;
    /**
     * A row of inputs for each example if `inputs` is NULL.
     */
    const uint8_t *bytes;
    /**
     * A class for each.
     */
    const uint8_t *classes;
    /**
     * What a byte is multiplied by.
     */
    double scale;
    /**
     * How many examples.
     */
    uint32_t count;
} polyak_examples_f64;

/**
 * A network over a data set. It is checked whenever it is used, so there is nothing to begin or end.
 */
typedef struct polyak_network_f64 {
    /**
     * Its layers.
     */
    struct polyak_shape shape;
    /**
     * What hidden units make of their inputs; the last layer is linear.
     */
    polyak_activation activation;
    /**
     * What an example costs.
     */
    polyak_loss loss;
    /**
     * What it learns.
     */
    struct polyak_examples_f64 examples;
} polyak_network_f64;

/**
 * A batch of examples.
 */
typedef struct polyak_batch_f64 {
    /**
     * SVAG's weights of two batches, or 0.
     */
    struct polyak_svag_f64 svag;
    /**
     * How many examples.
     */
    uint32_t size;
    /**
     * How they are drawn.
     */
    polyak_sampling sampling;
} polyak_batch_f64;

/**
 * Noise on the targets of the examples.
 */
typedef struct polyak_label_noise_f64 {
    /**
     * Its law.
     */
    struct polyak_law_f64 law;
    /**
     * SVAG's weights, or 0.
     */
    struct polyak_svag_f64 svag;
    /**
     * What it is multiplied by.
     */
    double scale;
    /**
     * Which targets.
     */
    polyak_labels labels;
} polyak_label_noise_f64;

/**
 * A function of the caller's that takes the next bytes of a checkpoint, 4 or 8 at a time, and returns 0 if it could.
 */
typedef int (*polyak_put)(void *context, const uint8_t *bytes, size_t count);

/**
 * One of the structures: POLYAK_SIZE_OF_...
 */
typedef uint8_t polyak_structure;

/**
 * PCG XSH RR 64/32.
 */
#define POLYAK_PCG32 1

/**
 * Philox 4x32-10.
 */
#define POLYAK_PHILOX 2

/**
 * Standard normal.
 */
#define POLYAK_LAW_GAUSSIAN 0

/**
 * -1 or 1.
 */
#define POLYAK_LAW_RADEMACHER 1

/**
 * Uniform between minus and plus the root of 3.
 */
#define POLYAK_LAW_UNIFORM 2

/**
 * Laplace's.
 */
#define POLYAK_LAW_LAPLACE 3

/**
 * Student's t, scaled to variance 1.
 */
#define POLYAK_LAW_STUDENT_T 4

/**
 * x' = x - lr g.
 */
#define POLYAK_METHOD_SGD 0

/**
 * m' = b m + (1 - b) g, x' = x - lr m'.
 */
#define POLYAK_METHOD_SGDM 1

/**
 * m' = b m + (1 - dampening) g, x' = x - lr m', or with Nesterov's step x' = x - lr (g + b m'): `torch.optim.SGD`.
 */
#define POLYAK_METHOD_HEAVY_BALL 2

/**
 * m' = b m + (1 - b) g, x' = x - lr ((1 - nu) g + nu m'): quasi-hyperbolic momentum.
 */
#define POLYAK_METHOD_QHM 3

/**
 * B = 1.
 */
#define POLYAK_COVARIANCE_IDENTITY 0

/**
 * B is diagonal, `factor` holds its n numbers.
 */
#define POLYAK_COVARIANCE_DIAGONAL 1

/**
 * B is a lower triangle; `factor` holds n columns of n numbers, of which those above the diagonal are not read.
 */
#define POLYAK_COVARIANCE_DENSE 2

/**
 * Variance factor[i] + quadratic[i] x[i]^2 of coordinate i.
 */
#define POLYAK_COVARIANCE_STATE 3

/**
 * max(z, 0).
 */
#define POLYAK_ACTIVATION_RELU 0

/**
 * tanh z.
 */
#define POLYAK_ACTIVATION_TANH 1

/**
 * 1 / (1 + exp(-z)).
 */
#define POLYAK_ACTIVATION_SIGMOID 2

/**
 * z.
 */
#define POLYAK_ACTIVATION_IDENTITY 3

/**
 * Softmax cross-entropy; targets are classes 0, 1, ...
 */
#define POLYAK_LOSS_CROSS_ENTROPY 0

/**
 * Half the squared distance from the target: a number for one output, the class's unit vector for more.
 */
#define POLYAK_LOSS_SQUARED_ERROR 1

/**
 * Half the squared distance from the inputs: an autoencoder.
 */
#define POLYAK_LOSS_RECONSTRUCTION 2

/**
 * 2 / n, for ReLU.
 */
#define POLYAK_INITIAL_HE 0

/**
 * 1 / n.
 */
#define POLYAK_INITIAL_LECUN 1

/**
 * 2 / (n + m), for tanh and sigmoid.
 */
#define POLYAK_INITIAL_GLOROT 2

/**
 * Independent examples.
 */
#define POLYAK_SAMPLING_WITH_REPLACEMENT 0

/**
 * Different examples, afresh each step; needs the deck.
 */
#define POLYAK_SAMPLING_WITHOUT_REPLACEMENT 1

/**
 * The next examples of a shuffled epoch; needs the deck.
 */
#define POLYAK_SAMPLING_EPOCHS 2

/**
 * One, drawn each step.
 */
#define POLYAK_LABELS_ONE 0

/**
 * Each.
 */
#define POLYAK_LABELS_ALL 1

/**
 * The structure of that name.
 */
#define POLYAK_SIZE_OF_OPTIMIZER 1

/**
 * The structure of that name.
 */
#define POLYAK_SIZE_OF_SHAPE 2

/**
 * The structure of that name.
 */
#define POLYAK_SIZE_OF_STREAM_F32 3

/**
 * The structure of that name.
 */
#define POLYAK_SIZE_OF_STREAM_F64 4

/**
 * The structure of that name.
 */
#define POLYAK_SIZE_OF_LAW_F32 5

/**
 * The structure of that name.
 */
#define POLYAK_SIZE_OF_LAW_F64 6

/**
 * The structure of that name.
 */
#define POLYAK_SIZE_OF_COEFFICIENTS_F32 7

/**
 * The structure of that name.
 */
#define POLYAK_SIZE_OF_COEFFICIENTS_F64 8

/**
 * The structure of that name.
 */
#define POLYAK_SIZE_OF_SVAG_F32 9

/**
 * The structure of that name.
 */
#define POLYAK_SIZE_OF_SVAG_F64 10

/**
 * The structure of that name.
 */
#define POLYAK_SIZE_OF_NOISE_F32 11

/**
 * The structure of that name.
 */
#define POLYAK_SIZE_OF_NOISE_F64 12

/**
 * The structure of that name.
 */
#define POLYAK_SIZE_OF_STATE_F32 13

/**
 * The structure of that name.
 */
#define POLYAK_SIZE_OF_STATE_F64 14

/**
 * The structure of that name.
 */
#define POLYAK_SIZE_OF_EXAMPLES_F32 15

/**
 * The structure of that name.
 */
#define POLYAK_SIZE_OF_EXAMPLES_F64 16

/**
 * The structure of that name.
 */
#define POLYAK_SIZE_OF_NETWORK_F32 17

/**
 * The structure of that name.
 */
#define POLYAK_SIZE_OF_NETWORK_F64 18

/**
 * The structure of that name.
 */
#define POLYAK_SIZE_OF_BATCH_F32 19

/**
 * The structure of that name.
 */
#define POLYAK_SIZE_OF_BATCH_F64 20

/**
 * The structure of that name.
 */
#define POLYAK_SIZE_OF_LABEL_NOISE_F32 21

/**
 * The structure of that name.
 */
#define POLYAK_SIZE_OF_LABEL_NOISE_F64 22

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * `POLYAK_VERSION` of the library.
 */
uint32_t polyak_version(void);

/**
 * The status as a sentence in English that says what is allowed; of a number that is no status, that it is none.
 */
const char *polyak_status_text(int32_t status);

/**
 * Begins the stream of a trajectory: the same numbers for the same generator, seed and trajectory on every machine, and
 * independent ones for others.
 */
polyak_status polyak_stream_init_f32(struct polyak_stream_f32 *stream,
                                     polyak_generator generator,
                                     uint64_t seed,
                                     uint64_t trajectory);

/**
 * Sets z[0..n] to standard normal numbers: `polyak_draw` with less code behind it.
 */
polyak_status polyak_normal_f32(struct polyak_stream_f32 *stream, float *z, size_t n);

/**
 * Sets the law to Student's t with so many degrees of freedom, above 2, as the variance must be finite.
 */
polyak_status polyak_student_f32(double degrees_of_freedom, struct polyak_law_f32 *law);

/**
 * Sets z[0..n] to numbers of a law.
 */
polyak_status polyak_draw_f32(struct polyak_stream_f32 *stream,
                              const struct polyak_law_f32 *law,
                              float *z,
                              size_t n);

/**
 * Sets j[0..n] to independent indices, each uniform on 0, ..., count - 1: a batch with replacement of data of the caller's.
 */
polyak_status polyak_indices_f32(struct polyak_stream_f32 *stream,
                                 uint32_t count,
                                 uint32_t *j,
                                 size_t n);

/**
 * Begins the stream of a trajectory: the same numbers for the same generator, seed and trajectory on every machine, and
 * independent ones for others.
 */
polyak_status polyak_stream_init_f64(struct polyak_stream_f64 *stream,
                                     polyak_generator generator,
                                     uint64_t seed,
                                     uint64_t trajectory);

/**
 * Sets z[0..n] to standard normal numbers: `polyak_draw` with less code behind it.
 */
polyak_status polyak_normal_f64(struct polyak_stream_f64 *stream, double *z, size_t n);

/**
 * Sets the law to Student's t with so many degrees of freedom, above 2, as the variance must be finite.
 */
polyak_status polyak_student_f64(double degrees_of_freedom, struct polyak_law_f64 *law);

/**
 * Sets z[0..n] to numbers of a law.
 */
polyak_status polyak_draw_f64(struct polyak_stream_f64 *stream,
                              const struct polyak_law_f64 *law,
                              double *z,
                              size_t n);

/**
 * Sets j[0..n] to independent indices, each uniform on 0, ..., count - 1: a batch with replacement of data of the caller's.
 */
polyak_status polyak_indices_f64(struct polyak_stream_f64 *stream,
                                 uint32_t count,
                                 uint32_t *j,
                                 size_t n);

/**
 * Sets the coefficients of step `k` = 0, 1, ... at a learning rate and a momentum (which SGD does not use). Constant ones serve
 * every step, but for PyTorch's first step, which is that of k = 0.
 */
polyak_status polyak_coefficients_at_f32(const struct polyak_optimizer *optimizer,
                                         uint64_t k,
                                         double learning_rate,
                                         double momentum,
                                         struct polyak_coefficients_f32 *coefficients);

/**
 * Sets the coefficients of a step before the first that draws m from its stationary law at x and leaves x where it is (MV 3.1);
 * `gain` is 1, for the heavy ball 1 / (1 - momentum).
 */
polyak_status polyak_draw_momentum_f32(const struct polyak_optimizer *optimizer,
                                       double momentum,
                                       double gain,
                                       struct polyak_coefficients_f32 *coefficients);

/**
 * One step: moves x[0..n] and m[0..n] by the gradient g[0..n]. The three arrays do not overlap. SGD does not use m, which may be NULL.
 */
polyak_status polyak_step_f32(const struct polyak_coefficients_f32 *coefficients,
                              float *x,
                              float *m,
                              const float *g,
                              size_t n);

/**
 * Sets the weights of SVAG(ell), ell from 0.5 on: noise of ell times the covariance, with the learning rate divided by ell and ell times
 * as many steps.
 */
polyak_status polyak_svag_init_f32(struct polyak_svag_f32 *svag,
                                   double ell);

/**
 * SVAG of two independent gradients at the same point: g[0..n] becomes first g + second h.
 */
polyak_status polyak_svag_mix_f32(const struct polyak_svag_f32 *svag, float *g, const float *h, size_t n);

/**
 * Sets the coefficients of step `k` = 0, 1, ... at a learning rate and a momentum (which SGD does not use). Constant ones serve
 * every step, but for PyTorch's first step, which is that of k = 0.
 */
polyak_status polyak_coefficients_at_f64(const struct polyak_optimizer *optimizer,
                                         uint64_t k,
                                         double learning_rate,
                                         double momentum,
                                         struct polyak_coefficients_f64 *coefficients);

/**
 * Sets the coefficients of a step before the first that draws m from its stationary law at x and leaves x where it is (MV 3.1);
 * `gain` is 1, for the heavy ball 1 / (1 - momentum).
 */
polyak_status polyak_draw_momentum_f64(const struct polyak_optimizer *optimizer,
                                       double momentum,
                                       double gain,
                                       struct polyak_coefficients_f64 *coefficients);

/**
 * One step: moves x[0..n] and m[0..n] by the gradient g[0..n]. The three arrays do not overlap. SGD does not use m, which may be NULL.
 */
polyak_status polyak_step_f64(const struct polyak_coefficients_f64 *coefficients,
                              double *x,
                              double *m,
                              const double *g,
                              size_t n);

/**
 * Sets the weights of SVAG(ell), ell from 0.5 on: noise of ell times the covariance, with the learning rate divided by ell and ell times
 * as many steps.
 */
polyak_status polyak_svag_init_f64(struct polyak_svag_f64 *svag,
                                   double ell);

/**
 * SVAG of two independent gradients at the same point: g[0..n] becomes first g + second h.
 */
polyak_status polyak_svag_mix_f64(const struct polyak_svag_f64 *svag, double *g, const double *h, size_t n);

/**
 * The heavy ball's learning rate that makes the path of SGDM at this one: rate (1 - momentum).
 */
double polyak_heavy_ball_from_sgdm(double rate, double momentum);

/**
 * SGDM's learning rate that makes the path of the heavy ball at this one: rate / (1 - momentum).
 */
double polyak_sgdm_from_heavy_ball(double rate, double momentum);

/**
 * A coordinate of the heavy ball's m from SGDM's: m / (1 - momentum).
 */
double polyak_heavy_ball_momentum(double m, double momentum);

/**
 * A coordinate of SGDM's m from the heavy ball's: (1 - momentum) m.
 */
double polyak_sgdm_momentum(double m, double momentum);

/**
 * from + (to - from) k / steps, then `to`: a warm-up.
 */
double polyak_linear(double from, double to, uint64_t steps, uint64_t k);

/**
 * to + (from - to) (1 + cos(pi k / steps)) / 2, then `to`.
 */
double polyak_cosine(double from, double to, uint64_t steps, uint64_t k);

/**
 * base factor^floor((k - after) / every) from step `after` on, `base` before.
 */
double polyak_exponential(double base, double factor, uint64_t every, uint64_t after, uint64_t k);

/**
 * base / (1 + decay k).
 */
double polyak_inverse_time(double base, double decay, uint64_t k);

/**
 * Sets `value` to base factor^n, n the number of the `count` steps in `at` that are not above k.
 */
polyak_status polyak_step_decay(double base,
                                double factor,
                                const uint64_t *at,
                                size_t count,
                                uint64_t k,
                                double *value);

/**
 * The momentum 1 - lambda rate^alpha, kept from 0 to below 1 (MV 3.1; alpha = 2/3 is FF's).
 */
double polyak_power_momentum(double rate, double lambda, double alpha);

/**
 * The momentum 1 - (1 - momentum) / ell, whose memory keeps its length in time under SVAG.
 */
double polyak_scaled_momentum(double momentum, double ell);

/**
 * floor(k / ell): the step of a schedule that SVAG's step k uses; the rate is then divided by ell.
 */
uint64_t polyak_svag_step(uint64_t k, double ell);

/**
 * Sets rates[0..n] to the averaged schedule of MV theorem 3.5: the SGD that SGDM with this rate and momentum is compared with. Both
 * functions are asked for steps beyond n, until what remains is below 1e-18; the momentum must be from 0 to below 1.
 */
polyak_status polyak_averaged(polyak_schedule rate,
                              polyak_schedule momentum,
                              void *context,
                              double *rates,
                              size_t n);

/**
 * Adds noise to the gradient g[0..n] at x[0..n]. `coefficients` are those of the step that follows, for one that draws the momentum
 * takes less. The arrays do not overlap; x may be NULL if the noise does not depend on it.
 */
polyak_status polyak_add_noise_f32(const struct polyak_noise_f32 *noise,
                                   const struct polyak_coefficients_f32 *coefficients,
                                   struct polyak_stream_f32 *stream,
                                   const float *x,
                                   float *g,
                                   size_t n);

/**
 * Adds noise to the gradient g[0..n] at x[0..n]. `coefficients` are those of the step that follows, for one that draws the momentum
 * takes less. The arrays do not overlap; x may be NULL if the noise does not depend on it.
 */
polyak_status polyak_add_noise_f64(const struct polyak_noise_f64 *noise,
                                   const struct polyak_coefficients_f64 *coefficients,
                                   struct polyak_stream_f64 *stream,
                                   const double *x,
                                   double *g,
                                   size_t n);

/**
 * Begins a training: x[0..n] stays as it is, m[0..n] becomes 0, the deck is put in order, the stream is that of the trajectory.
 * m may be NULL for SGD; the deck may be NULL with 0 cards, and is needed for batches without replacement and in epochs.
 */
polyak_status polyak_state_init_f32(struct polyak_state_f32 *state,
                                    float *x,
                                    float *m,
                                    size_t n,
                                    uint32_t *deck,
                                    uint32_t cards,
                                    polyak_generator generator,
                                    uint64_t seed,
                                    uint64_t trajectory);

/**
 * Begins a training: x[0..n] stays as it is, m[0..n] becomes 0, the deck is put in order, the stream is that of the trajectory.
 * m may be NULL for SGD; the deck may be NULL with 0 cards, and is needed for batches without replacement and in epochs.
 */
polyak_status polyak_state_init_f64(struct polyak_state_f64 *state,
                                    double *x,
                                    double *m,
                                    size_t n,
                                    uint32_t *deck,
                                    uint32_t cards,
                                    polyak_generator generator,
                                    uint64_t seed,
                                    uint64_t trajectory);

/**
 * How many parameters a network of this shape has; 0 if there is none of this shape.
 */
size_t polyak_parameters(const struct polyak_shape *shape);

/**
 * Sets x[0..n] to Gaussian weights, the same for a seed on every machine and in both precisions, and to biases of 0; n is
 * polyak_parameters(shape).
 */
polyak_status polyak_initialize_f32(const struct polyak_shape *shape,
                                    polyak_initial initial,
                                    uint64_t seed,
                                    float *x,
                                    size_t n);

/**
 * Sets `loss` to the mean loss over all examples at the parameters x[0..n].
 */
polyak_status polyak_loss_f32(const struct polyak_network_f32 *network,
                              const float *x,
                              size_t n,
                              float *loss);

/**
 * Sets `hits` to the number of examples whose class has the largest output, the first of equals.
 */
polyak_status polyak_hits_f32(const struct polyak_network_f32 *network,
                              const float *x,
                              size_t n,
                              uint32_t *hits);

/**
 * Sets `outputs` to what the last layer gives for inputs that need not be of the data set, which may be empty.
 */
polyak_status polyak_predict_f32(const struct polyak_network_f32 *network,
                                 const float *x,
                                 size_t n,
                                 const float *inputs,
                                 size_t inputs_count,
                                 float *outputs,
                                 size_t outputs_count);

/**
 * Sets g[0..n] to the gradient of the mean loss over all examples at x[0..n].
 */
polyak_status polyak_gradient_f32(const struct polyak_network_f32 *network,
                                  const float *x,
                                  float *g,
                                  size_t n);

/**
 * Sets g[0..state.n] to the gradient over the next batch at state.x. `coefficients` are those of the step that follows.
 */
polyak_status polyak_batch_gradient_f32(const struct polyak_network_f32 *network,
                                        const struct polyak_batch_f32 *batch,
                                        const struct polyak_coefficients_f32 *coefficients,
                                        struct polyak_state_f32 *state,
                                        float *g);

/**
 * Sets g[0..state.n] to the gradient over all examples at state.x with new noise on their targets.
 */
polyak_status polyak_label_gradient_f32(const struct polyak_network_f32 *network,
                                        const struct polyak_label_noise_f32 *noise,
                                        const struct polyak_coefficients_f32 *coefficients,
                                        struct polyak_state_f32 *state,
                                        float *g);

/**
 * One step of training: the gradient over the next batch into g[0..state.n], then state.x and state.m moved by it.
 */
polyak_status polyak_train_f32(const struct polyak_network_f32 *network,
                               const struct polyak_batch_f32 *batch,
                               const struct polyak_coefficients_f32 *coefficients,
                               struct polyak_state_f32 *state,
                               float *g);

/**
 * Sets x[0..n] to Gaussian weights, the same for a seed on every machine and in both precisions, and to biases of 0; n is
 * polyak_parameters(shape).
 */
polyak_status polyak_initialize_f64(const struct polyak_shape *shape,
                                    polyak_initial initial,
                                    uint64_t seed,
                                    double *x,
                                    size_t n);

/**
 * Sets `loss` to the mean loss over all examples at the parameters x[0..n].
 */
polyak_status polyak_loss_f64(const struct polyak_network_f64 *network,
                              const double *x,
                              size_t n,
                              double *loss);

/**
 * Sets `hits` to the number of examples whose class has the largest output, the first of equals.
 */
polyak_status polyak_hits_f64(const struct polyak_network_f64 *network,
                              const double *x,
                              size_t n,
                              uint32_t *hits);

/**
 * Sets `outputs` to what the last layer gives for inputs that need not be of the data set, which may be empty.
 */
polyak_status polyak_predict_f64(const struct polyak_network_f64 *network,
                                 const double *x,
                                 size_t n,
                                 const double *inputs,
                                 size_t inputs_count,
                                 double *outputs,
                                 size_t outputs_count);

/**
 * Sets g[0..n] to the gradient of the mean loss over all examples at x[0..n].
 */
polyak_status polyak_gradient_f64(const struct polyak_network_f64 *network,
                                  const double *x,
                                  double *g,
                                  size_t n);

/**
 * Sets g[0..state.n] to the gradient over the next batch at state.x. `coefficients` are those of the step that follows.
 */
polyak_status polyak_batch_gradient_f64(const struct polyak_network_f64 *network,
                                        const struct polyak_batch_f64 *batch,
                                        const struct polyak_coefficients_f64 *coefficients,
                                        struct polyak_state_f64 *state,
                                        double *g);

/**
 * Sets g[0..state.n] to the gradient over all examples at state.x with new noise on their targets.
 */
polyak_status polyak_label_gradient_f64(const struct polyak_network_f64 *network,
                                        const struct polyak_label_noise_f64 *noise,
                                        const struct polyak_coefficients_f64 *coefficients,
                                        struct polyak_state_f64 *state,
                                        double *g);

/**
 * One step of training: the gradient over the next batch into g[0..state.n], then state.x and state.m moved by it.
 */
polyak_status polyak_train_f64(const struct polyak_network_f64 *network,
                               const struct polyak_batch_f64 *batch,
                               const struct polyak_coefficients_f64 *coefficients,
                               struct polyak_state_f64 *state,
                               double *g);

/**
 * How many bytes a checkpoint of this state has; 0 for a state that was not initialised.
 */
size_t polyak_checkpoint_size_f32(const struct polyak_state_f32 *state);

/**
 * Gives `put` the state after `step` steps, piece by piece. `tag` says which training it is, and is asked for again. If `put` returns something else than 0, it
 * is not called again, and what it has taken is no checkpoint.
 */
polyak_status polyak_save_f32(const struct polyak_state_f32 *state,
                              uint64_t tag,
                              uint64_t step,
                              polyak_put put,
                              void *context);

/**
 * Sets `step` to the step of a checkpoint that could be restored to this state; says why if it cannot.
 */
polyak_status polyak_inspect_f32(const struct polyak_state_f32 *state,
                                 uint64_t tag,
                                 const uint8_t *bytes,
                                 size_t count,
                                 uint64_t *step);

/**
 * Continues from a checkpoint, into the arrays of a state that was initialised with the same n, cards and generator, and sets `step` to
 * the steps done. More bytes than it has may follow it.
 */
polyak_status polyak_restore_f32(struct polyak_state_f32 *state,
                                 uint64_t tag,
                                 const uint8_t *bytes,
                                 size_t count,
                                 uint64_t *step);

/**
 * How many bytes a checkpoint of this state has; 0 for a state that was not initialised.
 */
size_t polyak_checkpoint_size_f64(const struct polyak_state_f64 *state);

/**
 * Gives `put` the state after `step` steps, piece by piece. `tag` says which training it is, and is asked for again. If `put` returns something else than 0, it
 * is not called again, and what it has taken is no checkpoint.
 */
polyak_status polyak_save_f64(const struct polyak_state_f64 *state,
                              uint64_t tag,
                              uint64_t step,
                              polyak_put put,
                              void *context);

/**
 * Sets `step` to the step of a checkpoint that could be restored to this state; says why if it cannot.
 */
polyak_status polyak_inspect_f64(const struct polyak_state_f64 *state,
                                 uint64_t tag,
                                 const uint8_t *bytes,
                                 size_t count,
                                 uint64_t *step);

/**
 * Continues from a checkpoint, into the arrays of a state that was initialised with the same n, cards and generator, and sets `step` to
 * the steps done. More bytes than it has may follow it.
 */
polyak_status polyak_restore_f64(struct polyak_state_f64 *state,
                                 uint64_t tag,
                                 const uint8_t *bytes,
                                 size_t count,
                                 uint64_t *step);

/**
 * The library's `sizeof` of a structure; 0 of a number that is none. A program that is compiled with other packing or another header
 * than the library can find out when it starts.
 */
size_t polyak_size_of(polyak_structure structure);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* POLYAK_H */
