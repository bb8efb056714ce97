// The backward pass and the optimiser in plain C: the reference of all other levels. Sums are accumulated in double.
#include "portable.h"

#include <math.h>

// MARK: Norms

static void iqk_rms_norm_backward_portable(const float *x, const float *weight, float weight_offset, float epsilon,
                                           const float *dy, float *dx, float *dweight, int64_t C) {
    double squares = 0;
    for (int64_t i = 0; i < C; i++) squares += (double)x[i] * x[i];
    const double inverse = 1 / sqrt(squares / (double)C + epsilon);
    double projection = 0;
    for (int64_t i = 0; i < C; i++) projection += (double)dy[i] * (weight[i] + weight_offset) * x[i];
    const double correction = projection * inverse * inverse * inverse / (double)C;
    for (int64_t i = 0; i < C; i++) {
        const double d = (double)dy[i] * (weight[i] + weight_offset) * inverse - x[i] * correction;
        if (dweight) dweight[i] += (float)(dy[i] * (x[i] * inverse));
        dx[i] += (float)d;
    }
}

static void iqk_layer_norm_backward_portable(const float *x, const float *weight, float epsilon, const float *dy,
                                             float *dx, float *dweight, float *dbias, int64_t C) {
    double sum = 0;
    for (int64_t i = 0; i < C; i++) sum += x[i];
    const double mean = sum / (double)C;
    double squares = 0;
    for (int64_t i = 0; i < C; i++) squares += (x[i] - mean) * (x[i] - mean);
    const double inverse = 1 / sqrt(squares / (double)C + epsilon);
    // With n = (x - mean) * inverse: dx = inverse * (g - mean(g) - n * mean(g * n)), g = dy * weight.
    double g_sum = 0, gn_sum = 0;
    for (int64_t i = 0; i < C; i++) {
        const double g = (double)dy[i] * weight[i];
        g_sum += g;
        gn_sum += g * (x[i] - mean) * inverse;
    }
    for (int64_t i = 0; i < C; i++) {
        const double n = (x[i] - mean) * inverse;
        const double d = inverse * ((double)dy[i] * weight[i] - g_sum / (double)C - n * gn_sum / (double)C);
        if (dweight) dweight[i] += (float)(dy[i] * n);
        if (dbias) dbias[i] += dy[i];
        dx[i] += (float)d;
    }
}

// MARK: Activations

/// What the logistic function, 1 / (1 + power), is short of 1, without the difference of two nearly equal numbers.
static float iqk_logistic_rest(float sigmoid, float power) { return sigmoid < 0.5f ? 1 - sigmoid : power * sigmoid; }

static void iqk_silu_multiply_backward_portable(const float *gate, const float *up, const float *dy, float *dgate,
                                                float *dup, int64_t C) {
    for (int64_t i = 0; i < C; i++) {
        const float g = gate[i], u = up[i], d = dy[i];
        const float power = expf(-g), sigmoid = 1 / (1 + power);
        dgate[i] = d * u * sigmoid * (1 + g * iqk_logistic_rest(sigmoid, power));
        dup[i] = d * g * sigmoid;
    }
}

static void iqk_gelu_tanh_multiply_backward_portable(const float *gate, const float *up, const float *dy, float *dgate,
                                                     float *dup, int64_t C) {
    for (int64_t i = 0; i < C; i++) {
        const float g = gate[i], u = up[i], d = dy[i];
        // gelu(g) = g * sigmoid(2u) with 2u = root * (g + cubic * g^3).
        const float twice = IQK_GELU_TWICE_ROOT * (g + IQK_GELU_CUBIC * g * g * g);
        const float slope = IQK_GELU_TWICE_ROOT * (1 + 3 * IQK_GELU_CUBIC * g * g);
        const float power = expf(-twice), sigmoid = 1 / (1 + power);
        // Where the sigmoid is saturated, its slope is 0 and g^3 may overflow: 0 times infinity must not arise.
        const float rest = sigmoid * iqk_logistic_rest(sigmoid, power);
        dgate[i] = d * u * (sigmoid + (rest == 0 ? 0 : g * rest * slope));
        dup[i] = d * g * sigmoid;
    }
}

static void iqk_gelu_erf_backward_portable(const float *x, const float *dy, float *dx, int64_t C) {
    for (int64_t i = 0; i < C; i++) {
        const float cumulative = 0.5f * (1 + erff(x[i] * IQK_ROOT_HALF));
        const float density = IQK_INVERSE_ROOT_TWO_PI * expf(-0.5f * x[i] * x[i]);
        dx[i] = dy[i] * (cumulative + x[i] * density);
    }
}

static void iqk_tanh_backward_portable(const float *y, const float *dy, float *dx, int64_t C) {
    for (int64_t i = 0; i < C; i++) dx[i] = dy[i] * (1 - y[i] * y[i]);
}

static void iqk_add_multiple_portable(float factor, const float *x, float *y, int64_t C) {
    for (int64_t i = 0; i < C; i++) y[i] += factor * x[i];
}

// MARK: Dropout

/// Block `block` of Philox4x32-10 (Salmon et al., SC 2011) under a key and a stream.
static void iqk_philox(uint64_t seed, uint64_t stream, uint64_t block, uint32_t out[4]) {
    uint32_t a = (uint32_t)block, b = (uint32_t)(block >> 32), c = (uint32_t)stream, d = (uint32_t)(stream >> 32);
    uint32_t first = (uint32_t)seed, second = (uint32_t)(seed >> 32);
    for (int round = 0; round < 10; round++) {
        const uint64_t left = (uint64_t)0xD2511F53u * a, right = (uint64_t)0xCD9E8D57u * c;
        a = (uint32_t)(right >> 32) ^ b ^ first;
        b = (uint32_t)right;
        c = (uint32_t)(left >> 32) ^ d ^ second;
        d = (uint32_t)left;
        first += 0x9E3779B9u;
        second += 0xBB67AE85u;
    }
    out[0] = a, out[1] = b, out[2] = c, out[3] = d;
}

static void iqk_dropout_portable(const float *x, float rate, uint64_t seed, uint64_t stream, uint64_t first, float *y,
                                 int64_t C) {
    const double threshold = (double)rate * 4294967296.0;
    const float kept = 1 / (1 - rate);
    uint32_t words[4];
    for (int64_t i = 0; i < C; i++) {
        const uint64_t position = first + (uint64_t)i;
        if (i == 0 || (position & 3) == 0) iqk_philox(seed, stream, position >> 2, words);
        y[i] = (double)words[position & 3] >= threshold ? x[i] * kept : 0;
    }
}

// MARK: Softmax over the vocabulary

static void iqk_softmax_statistics_portable(const float *logits, float inverse_temperature, float *log_sum_exp,
                                            float *entropy, int64_t V) {
    float highest = -INFINITY;
    for (int64_t j = 0; j < V; j++) {
        // A NaN must reach the result, so that it is noticed.
        if (!(logits[j] <= highest)) highest = logits[j];
    }
    double sum = 0, weighted = 0;
    for (int64_t j = 0; j < V; j++) {
        if (logits[j] == -INFINITY) continue;
        const double z = (double)((logits[j] - highest) * inverse_temperature);
        const double power = exp(z);
        sum += power;
        weighted += power * z;
    }
    *log_sum_exp = (float)(log(sum) + (double)(highest * inverse_temperature));
    // H = log sum - sum of p z, both relative to the highest.
    if (entropy) *entropy = (float)(log(sum) - weighted / sum);
}

static void iqk_softmax_backward_portable(float *logits, float inverse_temperature, float log_sum_exp, int64_t target,
                                          float dlogp, float entropy, float dentropy, int64_t V) {
    for (int64_t j = 0; j < V; j++) {
        if (logits[j] == -INFINITY) {
            logits[j] = 0;
            continue;
        }
        const float logp = logits[j] * inverse_temperature - log_sum_exp;
        const float p = expf(logp);
        float d = -dlogp * p;
        if (dentropy != 0) d -= dentropy * p * (logp + entropy);
        logits[j] = d * inverse_temperature;
    }
    if (target >= 0 && target < V) logits[target] += dlogp * inverse_temperature;
}

/// log p of both distributions at one place; false where neither gives it weight.
typedef struct iqk_log_pair {
    double student, teacher;
} iqk_log_pair;

static iqk_log_pair iqk_logs(const float *logits, float log_sum_exp, const float *teacher_logits,
                             float teacher_log_sum_exp, float inverse_temperature, int64_t j) {
    return (iqk_log_pair){(double)(logits[j] * inverse_temperature) - log_sum_exp,
                          (double)(teacher_logits[j] * inverse_temperature) - teacher_log_sum_exp};
}

/// log(beta q + (1 - beta) p) from the logarithms of p and q.
static double iqk_log_mixture(iqk_log_pair logs, float beta) {
    const double p = logs.student + log(1 - (double)beta), q = logs.teacher + log((double)beta);
    const double high = p > q ? p : q, low = p > q ? q : p;
    return high == -INFINITY ? high : high + log1p(exp(low - high));
}

static float iqk_divergence_portable(iqk_divergence kind, float beta, float inverse_temperature, float *logits,
                                     float log_sum_exp, const float *teacher_logits, float teacher_log_sum_exp,
                                     const float *dvalue, int64_t V) {
    double value = 0;
    // With g the derivative of the divergence in p, up to a constant, its mean under p: what is subtracted from it in the
    // gradient. For the first and third kind g is log p/q and log p/m.
    double mean = 0;
    for (int64_t j = 0; j < V; j++) {
        const iqk_log_pair logs =
            iqk_logs(logits, log_sum_exp, teacher_logits, teacher_log_sum_exp, inverse_temperature, j);
        const double p = exp(logs.student), q = exp(logs.teacher);
        switch (kind) {
        case IQK_DIVERGENCE_REVERSE_KL:
            if (p != 0) mean += p * (logs.student - logs.teacher);
            break;
        case IQK_DIVERGENCE_FORWARD_KL:
            if (q != 0) value += q * (logs.teacher - logs.student);
            break;
        case IQK_DIVERGENCE_JENSEN_SHANNON: {
            const double mixture = iqk_log_mixture(logs, beta);
            if (p != 0) mean += p * (logs.student - mixture);
            if (q != 0) value += beta * q * (logs.teacher - mixture);
            break;
        }
        case IQK_DIVERGENCE_SKEWED_REVERSE_KL:
            if (p != 0) {
                const double distance = logs.student - iqk_log_mixture(logs, beta);
                value += p * distance;
                mean += p * (distance - (1 - (double)beta) * exp(distance));
            }
            break;
        case IQK_DIVERGENCE_SKEWED_FORWARD_KL:
            if (q != 0) {
                const double distance = logs.teacher - iqk_log_mixture(logs, beta);
                value += q * distance;
                mean -= p * (1 - (double)beta) * exp(distance);
            }
            break;
        }
    }
    if (kind == IQK_DIVERGENCE_REVERSE_KL) value = mean;
    if (kind == IQK_DIVERGENCE_JENSEN_SHANNON) value += (1 - (double)beta) * mean;
    if (dvalue == NULL) return (float)value;
    const double factor = (double)*dvalue * inverse_temperature;
    for (int64_t j = 0; j < V; j++) {
        const iqk_log_pair logs =
            iqk_logs(logits, log_sum_exp, teacher_logits, teacher_log_sum_exp, inverse_temperature, j);
        const double p = exp(logs.student), q = exp(logs.teacher);
        double d = 0;
        switch (kind) {
        case IQK_DIVERGENCE_REVERSE_KL:
            if (p != 0) d = p * (logs.student - logs.teacher - mean);
            break;
        case IQK_DIVERGENCE_FORWARD_KL: d = p - q; break;
        case IQK_DIVERGENCE_JENSEN_SHANNON:
            if (p != 0) d = (1 - (double)beta) * p * (logs.student - iqk_log_mixture(logs, beta) - mean);
            break;
        case IQK_DIVERGENCE_SKEWED_REVERSE_KL:
            if (p != 0) {
                const double distance = logs.student - iqk_log_mixture(logs, beta);
                d = p * (distance - (1 - (double)beta) * exp(distance) - mean);
            }
            break;
        case IQK_DIVERGENCE_SKEWED_FORWARD_KL:
            if (p != 0) d = p * (-(1 - (double)beta) * exp(logs.teacher - iqk_log_mixture(logs, beta)) - mean);
            break;
        }
        logits[j] = (float)(factor * d);
    }
    return (float)value;
}

// MARK: Optimiser

static void iqk_adamw_portable(const iqk_adamw_settings *settings, float *weights, const float *gradients, float *m,
                               float *v, int64_t count) {
    const float decay = 1 - settings->learning_rate * settings->weight_decay;
    const float step = settings->learning_rate / settings->correction1;
    const float inverse_root = 1 / sqrtf(settings->correction2);
    for (int64_t i = 0; i < count; i++) {
        const float g = gradients[i] * settings->gradient_scale;
        m[i] = settings->beta1 * m[i] + (1 - settings->beta1) * g;
        v[i] = settings->beta2 * v[i] + (1 - settings->beta2) * g * g;
        weights[i] = weights[i] * decay - step * m[i] / (sqrtf(v[i]) * inverse_root + settings->epsilon);
    }
}

static double iqk_sum_of_squares_portable(const float *x, int64_t count) {
    double sum = 0;
    for (int64_t i = 0; i < count; i++) sum += (double)x[i] * x[i];
    return sum;
}

const iqk_gradient_kernels iqk_gradient_kernels_portable = {
    .rms_norm = iqk_rms_norm_backward_portable,
    .layer_norm = iqk_layer_norm_backward_portable,
    .silu_multiply = iqk_silu_multiply_backward_portable,
    .gelu_tanh_multiply = iqk_gelu_tanh_multiply_backward_portable,
    .gelu_erf = iqk_gelu_erf_backward_portable,
    .tanh = iqk_tanh_backward_portable,
    .add_multiple = iqk_add_multiple_portable,
    .dropout = iqk_dropout_portable,
    .softmax_statistics = iqk_softmax_statistics_portable,
    .softmax = iqk_softmax_backward_portable,
    .divergence = iqk_divergence_portable,
    .adamw = iqk_adamw_portable,
    .sum_of_squares = iqk_sum_of_squares_portable,
};
