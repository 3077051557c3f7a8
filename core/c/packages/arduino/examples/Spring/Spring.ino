// Finds the stiffness and the rest position of a spring from noisy measurements, one at a time, with momentum: y = a u + b.
#include <polyak.h>

static polyak_stream_f32 noise;
static polyak_coefficients_f32 step;
static float x[2], m[2];  // a and b, and their momenta

static void stopAt(polyak_status status) {
  if (status == POLYAK_STATUS_OK) return;
  Serial.println(polyak_status_text(status));
  while (true) {}
}

void setup() {
  Serial.begin(115200);
  polyak_optimizer sgdm = {};
  sgdm.method = POLYAK_METHOD_SGDM;
  stopAt(polyak_coefficients_at_f32(&sgdm, 0, 0.05, 0.9, &step));
  stopAt(polyak_stream_init_f32(&noise, POLYAK_PCG32, 1, 0));
}

void loop() {
  static int k = 0;
  // In place of a sensor: the spring 2 u - 1 with noise.
  float z[2];
  stopAt(polyak_normal_f32(&noise, z, 2));
  const float u = z[0], y = 2.0f * u - 1.0f + 0.1f * z[1];
  // The gradient of half the squared error, and a step.
  const float error = x[0] * u + x[1] - y, g[2] = {error * u, error};
  stopAt(polyak_step_f32(&step, x, m, g, 2));
  if (++k % 100 == 0) {
    Serial.print(x[0], 6);
    Serial.print(' ');
    Serial.println(x[1], 6);
  }
}
