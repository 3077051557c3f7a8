/* The part of replay.c that is compiled twice: REAL is float or double, F(name) is name_f32 or name_f64. */

static const REAL F(start)[5] = {(REAL)0.9, (REAL)-1.2, (REAL)0.35, (REAL)1.7, (REAL)-0.6};
static const REAL F(slope)[5] = {(REAL)0.3, (REAL)-0.7, (REAL)0.11, (REAL)0.0, (REAL)1.9};
static const REAL F(curvature)[5] = {(REAL)0.1, (REAL)0.3, (REAL)1.0, (REAL)2.7, (REAL)0.02};
static const REAL F(spread)[5] = {(REAL)0.5, (REAL)0.01, (REAL)1.3, (REAL)0.9, (REAL)0.2};
static const REAL F(hessian)[9] = {(REAL)1.1, (REAL)0.2, (REAL)-0.3, (REAL)0.2, (REAL)0.7,
                                   (REAL)0.1, (REAL)-0.3, (REAL)0.1, (REAL)1.9};
static const REAL F(factor)[9] = {(REAL)0.8, (REAL)0.1, (REAL)-0.2, (REAL)0.0, (REAL)0.6,
                                  (REAL)0.3, (REAL)0.0, (REAL)0.0, (REAL)1.1};
static const REAL F(inputs)[21] = {(REAL)0.7, (REAL)-0.2, (REAL)1.1, (REAL)0.4, (REAL)0.9, (REAL)-1.3, (REAL)0.05,
                                   (REAL)0.6, (REAL)0.8, (REAL)-1.0, (REAL)0.3, (REAL)0.2, (REAL)1.4, (REAL)-0.7,
                                   (REAL)0.1, (REAL)0.33, (REAL)0.44, (REAL)-0.55, (REAL)-0.6, (REAL)1.2, (REAL)0.9};
static const REAL F(classes)[7] = {0, 1, 1, 0, 1, 0, 1};

/* 13 numbers of each law in pieces of 1, 5 and 7, then 9 indices, then SVAG of two draws. */
static uint64_t F(streams)(void)
{
    uint64_t digest = DIGEST_BEGIN;
    F(polyak_svag) svag;
    check(F(polyak_svag_init)(&svag, ELL));
    for (int generator = POLYAK_PCG32; generator <= POLYAK_PHILOX; generator++) {
        for (int law = POLYAK_LAW_GAUSSIAN; law <= POLYAK_LAW_STUDENT_T; law++) {
            F(polyak_stream) stream;
            REAL z[14];
            uint32_t j[9];
            check(F(polyak_stream_init)(&stream, (polyak_generator)generator, 7, (uint64_t)law));
            F(polyak_law) numbers = {.kind = (polyak_law)law};
            if (law == POLYAK_LAW_STUDENT_T)
                check(F(polyak_student)(5.0, &numbers));
            check(F(polyak_draw)(&stream, &numbers, z, 1));
            check(F(polyak_draw)(&stream, &numbers, z + 1, 5));
            check(law == POLYAK_LAW_GAUSSIAN ? F(polyak_normal)(&stream, z + 6, 7) : F(polyak_draw)(&stream, &numbers, z + 6, 7));
            check(F(polyak_indices)(&stream, 1000003, j, 9));
            digest = F(digest)(digest, z, 13);
            for (int i = 0; i < 9; i++)
                digest = digest_word(digest, j[i], 4);
            check(F(polyak_svag_mix)(&svag, z, z + 6, 6));
            digest = F(digest)(digest, z, 6);
        }
    }
    return digest;
}

/* The gradient in the order of operations of polyak-core; the dimension. */
static size_t F(gradient)(int setting, const REAL *x, REAL *g)
{
    switch (setting) {
    case 2: case 15:
        for (size_t i = 0; i < 3; i++) {
            REAL product = 0;
            for (size_t j = 0; j < 3; j++)
                product = product + x[j] * F(hessian)[3 * i + j];
            g[i] = product;
        }
        return 3;
    case 3:
        for (size_t i = 0; i < 5; i++)
            g[i] = F(slope)[i];
        return 5;
    case 4:
        g[0] = ((REAL)1 + x[1] * x[1]) * x[0];
        g[1] = x[0] * x[0] * x[1];
        return 2;
    case 5: case 16: {
        REAL carried = 0;
        for (size_t i = 1; i < 4; i++) {
            const REAL here = x[i - 1];
            const REAL pull = (x[i] - here * here) * (REAL)20;
            g[i - 1] = carried - ((REAL)1 - here) * (REAL)2 - pull * here * (REAL)2;
            carried = pull;
        }
        g[3] = carried;
        return 4;
    }
    case 6:
        for (size_t i = 0; i < 3; i++) {
            const REAL width = (REAL)0.8;
            g[i] = (x[i] * x[i] - width * width) * x[i];
        }
        return 3;
    default:
        for (size_t i = 0; i < 5; i++)
            g[i] = x[i] * F(curvature)[i];
        return 5;
    }
}

/* The noise of a setting; whether it has one. */
static int F(noise)(int setting, F(polyak_noise) *noise)
{
    const F(polyak_noise) none = {0};
    *noise = none;
    switch (setting) {
    case 0: case 14: noise->scale = (REAL)0.5; return 1;
    case 1:
        noise->covariance = POLYAK_COVARIANCE_DIAGONAL;
        noise->factor = F(spread);
        noise->scale = (REAL)2.0;
        return 1;
    case 2: case 15:
        if (setting == 15)
            check(F(polyak_student)(5.0, &noise->law));
        noise->covariance = POLYAK_COVARIANCE_DENSE;
        noise->factor = F(factor);
        noise->scale = setting == 2 ? (REAL)0.3 : (REAL)0.6;
        return 1;
    case 3: noise->law.kind = POLYAK_LAW_RADEMACHER; noise->scale = (REAL)0.7; return 1;
    case 4: noise->law.kind = POLYAK_LAW_UNIFORM; noise->scale = (REAL)0.1; return 1;
    case 5: noise->law.kind = POLYAK_LAW_LAPLACE; noise->scale = (REAL)0.2; return 1;
    case 6:
        check(F(polyak_student)(5.0, &noise->law));
        noise->covariance = POLYAK_COVARIANCE_STATE;
        noise->factor = F(spread);
        noise->quadratic = F(curvature);
        noise->scale = (REAL)0.4;
        return 1;
    default: return 0;
    }
}

/* One step with a gradient of the caller's: the gradient, its noise, the update. */
static size_t F(step)(int setting, const F(polyak_noise) *noise, const F(polyak_coefficients) *c, F(polyak_stream) *stream,
                      REAL *x, REAL *m)
{
    REAL g[5];
    const size_t n = F(gradient)(setting, x, g);
    if (noise)
        check(F(polyak_add_noise)(noise, c, stream, x, g, n));
    check(F(polyak_step)(c, x, m, g, n));
    return n;
}

static uint64_t F(trajectories)(polyak_generator generator)
{
    uint64_t digest = DIGEST_BEGIN;
    for (size_t run = 0; run < 2 * SETTINGS; run++) {
        const int setting = settings[run / 2];
        const double ell = run % 2 ? ELL : 1.0;
        const polyak_optimizer o = optimizer(setting);
        F(polyak_noise) noise;
        const int noisy = F(noise)(setting, &noise);
        if (run % 2)
            check(F(polyak_svag_init)(&noise.svag, ELL));
        F(polyak_stream) stream;
        check(F(polyak_stream_init)(&stream, generator, (uint64_t)setting + 1, 3));
        REAL x[5], m[5] = {0};
        for (size_t i = 0; i < 5; i++)
            x[i] = F(start)[i];
        F(polyak_coefficients) c;
        check(F(polyak_draw_momentum)(&o, momentum(setting), 1.0, &c));
        size_t n = F(step)(setting, noisy ? &noise : NULL, &c, &stream, x, m);
        for (uint64_t k = 0; k < STEPS; k++) {
            const double rate = learning_rate(setting, polyak_svag_step(k, ell)) / ell;
            check(F(polyak_coefficients_at)(&o, k, rate, momentum(setting), &c));
            n = F(step)(setting, noisy ? &noise : NULL, &c, &stream, x, m);
        }
        digest = F(digest)(digest, x, n);
        digest = F(digest)(digest, m, n);
    }
    return digest;
}

/* Six networks, each with its own activation, loss, optimiser and way to a gradient: batches of three kinds, noisy labels of two, and all
 * examples. Each is written to a checkpoint half way, forgotten, and read back. */
static uint64_t F(networks)(polyak_generator generator)
{
    static const uint8_t bytes[21] = {7, 2, 11, 4, 9, 13, 0, 6, 8, 10, 3, 2, 14, 7, 1, 3, 4, 5, 6, 12, 9};
    static const uint8_t byte_classes[7] = {1, 0, 1, 1, 0, 0, 1};
    uint64_t digest = DIGEST_BEGIN;
    for (int which = 0; which < 6; which++) {
        const polyak_optimizer optimizers[6] = {
            {.method = POLYAK_METHOD_SGDM},
            {.method = POLYAK_METHOD_HEAVY_BALL, .first_step = 1, .dampening = 0.2, .weight_decay = 0.01},
            {.method = POLYAK_METHOD_QHM, .nu = 0.6},
            {.method = POLYAK_METHOD_HEAVY_BALL, .nesterov = 1, .first_step = 1},
            {.method = POLYAK_METHOD_SGD},
            {.method = POLYAK_METHOD_SGDM, .maximize = 1},
        };
        F(polyak_batch) batch = {.size = which == 0 ? 3 : 2, .sampling = (polyak_sampling)(which % 3)};
        if (which == 2)
            check(F(polyak_svag_init)(&batch.svag, ELL));
        F(polyak_label_noise) labels = {
            .law = {.kind = POLYAK_LAW_RADEMACHER}, .scale = which == 3 ? (REAL)0.5 : (REAL)0.3, .labels = (polyak_labels)(which % 3)};
        if (which == 4)
            check(F(polyak_student)(5.0, &labels.law));
        F(polyak_network) network = {
            .shape = {{3, 4, 2}, 2},
            .activation = (polyak_activation)(which % 4),
            .loss = which == 1 ? POLYAK_LOSS_SQUARED_ERROR : which == 2 ? POLYAK_LOSS_RECONSTRUCTION : POLYAK_LOSS_CROSS_ENTROPY,
            .examples = {.inputs = F(inputs), .targets = F(classes), .count = 7},
        };
        if (which == 2)
            network.shape.widths[2] = 3;
        if (which == 3) {
            const F(polyak_examples) small = {.bytes = bytes, .classes = byte_classes, .scale = (REAL)0.125, .count = 7};
            network.examples = small;
        }
        REAL x[31], m[31], g[31];
        uint32_t deck[7];
        const size_t n = polyak_parameters(&network.shape);
        F(polyak_state) state;
        check(F(polyak_initialize)(&network.shape, (polyak_initial)(which % 3), 5, x, n));
        check(F(polyak_state_init)(&state, x, m, n, deck, 7, generator, 9, 2));
        F(polyak_coefficients) c;
        for (uint64_t k = 0; k < 40; k++) {
            if (k == 20) {
                uint64_t step = 0;
                saved.count = 0;
                check(F(polyak_save)(&state, 77, k, put, &saved));
                digest = digest_bytes(digest, saved.bytes, saved.count);
                if (saved.count != F(polyak_checkpoint_size)(&state))
                    failed = 1;
                for (size_t i = 0; i < n; i++)
                    x[i] = m[i] = 3;
                check(F(polyak_state_init)(&state, x, m, n, deck, 7, generator, 1, 1));
                check(F(polyak_restore)(&state, 77, saved.bytes, saved.count, &step));
                if (step != 20)
                    failed = 1;
            }
            check(F(polyak_coefficients_at)(&optimizers[which], k, 0.1, 0.8, &c));
            if (which < 3) {
                check(F(polyak_train)(&network, &batch, &c, &state, g));
                continue;
            }
            check(which < 5 ? F(polyak_label_gradient)(&network, &labels, &c, &state, g) : F(polyak_gradient)(&network, x, g, n));
            check(F(polyak_step)(&c, x, m, g, n));
        }
        digest = F(digest)(digest, x, n);
        digest = F(digest)(digest, m, n);
        REAL loss = 0, outputs[3];
        uint32_t hits = 0;
        const size_t last = network.shape.widths[2];
        check(F(polyak_loss)(&network, x, n, &loss));
        check(F(polyak_hits)(&network, x, n, &hits));
        check(F(polyak_predict)(&network, x, n, F(start), 3, outputs, last));
        digest = F(digest)(digest, &loss, 1);
        digest = digest_word(digest, hits, 4);
        digest = F(digest)(digest, outputs, last);
    }
    return digest;
}
