/* What a UNet's training step spends its time on beside the convolutions, over bf16 pixels of NHWC, one thread: group norm with
   an affine map of each sample's channels and GELU, forth and back; 2x2 means; nearest enlarging.
   AVX-512 with bf16; channels come in sixteens, pixels in pairs. kernels.py compiles and calls it, and checks it against PyTorch. */
#include <immintrin.h>
#include <math.h>
#include <string.h>
#include <stdint.h>

typedef uint16_t bf16;
#define LANES 16
#define MOST_CHANNELS 1024

static inline __m512 load(const bf16 *from) {
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)from)), 16));
}

static inline void store(bf16 *to, __m512 value) { _mm256_storeu_si256((__m256i *)to, (__m256i)_mm512_cvtneps_pbh(value)); }

/* A function of one number by cubics over 32 pieces of [-REACH, REACH], 0 below and 1 above: four looked up, three multiplied.
   Through Chebyshev's nodes the normal distribution comes out within 2e-6, GELU's slope within 8e-6. */
#define PIECES 32
#define REACH 4.5

typedef struct { float of[4][PIECES]; } Cubics;
static Cubics cumulative, slope;

static double normal(double z) { return 0.5 * erfc(-z * 0.70710678118654752); }
static double gelu_slope(double z) { return normal(z) + z * 0.39894228040143268 * exp(-0.5 * z * z); }

static void interpolate(Cubics *cubics, double (*function)(double)) {
    for (int piece = 0; piece < PIECES; piece++) {
        double node[4], divided[4], power[4] = {0};
        for (int i = 0; i < 4; i++) node[i] = 0.5 - 0.5 * cos(M_PI * (2 * i + 1) / 8), divided[i] = function((piece + node[i]) * 2 * REACH / PIECES - REACH);
        for (int order = 1; order < 4; order++)
            for (int i = 3; i >= order; i--) divided[i] = (divided[i] - divided[i - 1]) / (node[i] - node[i - order]);
        for (int i = 3; i >= 0; i--) { /* Newton's form to powers */
            for (int j = 3; j > 0; j--) power[j] = power[j - 1] - node[i] * power[j];
            power[0] = divided[i] - node[i] * power[0];
        }
        for (int j = 0; j < 4; j++) cubics->of[j][piece] = power[j];
    }
}

__attribute__((constructor)) static void tables(void) { interpolate(&cumulative, normal), interpolate(&slope, gelu_slope); }

static inline __m512 value(const Cubics *cubics, __m512 z) {
    __m512 at = _mm512_fmadd_ps(z, _mm512_set1_ps(PIECES / (2 * REACH)), _mm512_set1_ps(PIECES / 2));
    __mmask16 above = _mm512_cmp_ps_mask(at, _mm512_set1_ps(PIECES), _CMP_GE_OQ), inside = _mm512_cmp_ps_mask(at, _mm512_setzero_ps(), _CMP_GT_OQ);
    __m512i piece = _mm512_cvttps_epi32(at);
    __m512 t = _mm512_sub_ps(at, _mm512_cvtepi32_ps(piece)), found = _mm512_setzero_ps();
    for (int j = 3; j >= 0; j--)
        found = _mm512_fmadd_ps(found, t, _mm512_permutex2var_ps(_mm512_loadu_ps(cubics->of[j]), piece, _mm512_loadu_ps(cubics->of[j] + 16)));
    return _mm512_mask_mov_ps(_mm512_maskz_mov_ps(inside, found), above, _mm512_set1_ps(1.0f));
}

/* mean and 1/deviation of every group of one sample: statistics[2 * groups] */
static void moments(const bf16 *x, float *statistics, long pixels, long channels, long groups, float eps) {
    float sum[MOST_CHANNELS], square[MOST_CHANNELS];
    for (long c = 0; c < channels; c += LANES) {
        __m512 s0 = _mm512_setzero_ps(), q0 = s0, s1 = s0, q1 = s0;
        for (long p = 0; p + 1 < pixels; p += 2) {
            __m512 v0 = load(x + p * channels + c), v1 = load(x + (p + 1) * channels + c);
            s0 = _mm512_add_ps(s0, v0), q0 = _mm512_fmadd_ps(v0, v0, q0);
            s1 = _mm512_add_ps(s1, v1), q1 = _mm512_fmadd_ps(v1, v1, q1);
        }
        _mm512_storeu_ps(sum + c, _mm512_add_ps(s0, s1));
        _mm512_storeu_ps(square + c, _mm512_add_ps(q0, q1));
    }
    long wide = channels / groups;
    for (long g = 0; g < groups; g++) {
        double s = 0, q = 0, count = (double)wide * pixels;
        for (long c = g * wide; c < (g + 1) * wide; c++) s += sum[c], q += square[c];
        double mean = s / count, variance = q / count - mean * mean;
        statistics[2 * g] = mean;
        statistics[2 * g + 1] = 1.0 / sqrt((variance > 0 ? variance : 0) + eps);
    }
}

/* What one sample's channels are multiplied by and what is added: norm and affine map in one. */
static void maps(const float *statistics, const float *scale, const float *shift, float *by, float *plus, long channels, long groups) {
    long wide = channels / groups;
    for (long c = 0; c < channels; c++) {
        by[c] = scale[c] * statistics[2 * (c / wide) + 1];
        plus[c] = shift[c] - statistics[2 * (c / wide)] * by[c];
    }
}

/* x, y [n, pixels, channels]; scale, shift [n, channels]; statistics [n, groups, 2] is written. */
void norm_gelu(const bf16 *x, const float *scale, const float *shift, bf16 *y, float *statistics, long n, long pixels, long channels, long groups, float eps) {
    float by[MOST_CHANNELS], plus[MOST_CHANNELS];
    for (long i = 0; i < n; i++) {
        const bf16 *from = x + i * pixels * channels;
        bf16 *to = y + i * pixels * channels;
        float *mine = statistics + i * groups * 2;
        moments(from, mine, pixels, channels, groups, eps);
        maps(mine, scale + i * channels, shift + i * channels, by, plus, channels, groups);
        for (long p = 0; p < pixels; p++)
            for (long c = 0; c < channels; c += LANES) {
                __m512 z = _mm512_fmadd_ps(load(from + p * channels + c), _mm512_loadu_ps(by + c), _mm512_loadu_ps(plus + c));
                store(to + p * channels + c, _mm512_mul_ps(z, value(&cumulative, z)));
            }
    }
}

/* dx like x, with `beside`, like x too, added unless it is NULL; scale_gradient, shift_gradient [n, channels]. */
void norm_gelu_back(const bf16 *x, const bf16 *dy, const float *scale, const float *shift, const float *statistics, const bf16 *beside, bf16 *dx, float *scale_gradient, float *shift_gradient, long n, long pixels, long channels, long groups) {
    float by[MOST_CHANNELS], plus[MOST_CHANNELS], of_x[MOST_CHANNELS], constant[MOST_CHANNELS];
    long wide = channels / groups;
    for (long i = 0; i < n; i++) {
        const bf16 *from = x + i * pixels * channels, *gradient = dy + i * pixels * channels;
        bf16 *to = dx + i * pixels * channels;
        const float *mine = statistics + i * groups * 2, *scales = scale + i * channels;
        float *ds = scale_gradient + i * channels, *db = shift_gradient + i * channels;
        maps(mine, scales, shift + i * channels, by, plus, channels, groups);
        memset(ds, 0, channels * sizeof(float)), memset(db, 0, channels * sizeof(float));
        for (long p = 0; p < pixels; p++)
            for (long c = 0; c < channels; c += LANES) {
                __m512 before = load(from + p * channels + c);
                __m512 z = _mm512_fmadd_ps(before, _mm512_loadu_ps(by + c), _mm512_loadu_ps(plus + c));
                __m512 dz = _mm512_mul_ps(load(gradient + p * channels + c), value(&slope, z));
                _mm512_storeu_ps(db + c, _mm512_add_ps(_mm512_loadu_ps(db + c), dz));
                _mm512_storeu_ps(ds + c, _mm512_fmadd_ps(dz, before, _mm512_loadu_ps(ds + c)));
            }
        for (long g = 0; g < groups; g++) {
            float mean = mine[2 * g], inverse = mine[2 * g + 1];
            double of_one = 0, of_hat = 0, count = (double)wide * pixels;
            for (long c = g * wide; c < (g + 1) * wide; c++) {
                ds[c] = (ds[c] - mean * db[c]) * inverse; /* sum of dz times the normed x */
                of_one += (double)scales[c] * db[c], of_hat += (double)scales[c] * ds[c];
            }
            for (long c = g * wide; c < (g + 1) * wide; c++) {
                of_x[c] = -inverse * inverse * of_hat / count;
                constant[c] = -inverse * of_one / count - of_x[c] * mean;
            }
        }
        for (long p = 0; p < pixels; p++)
            for (long c = 0; c < channels; c += LANES) {
                __m512 before = load(from + p * channels + c);
                __m512 z = _mm512_fmadd_ps(before, _mm512_loadu_ps(by + c), _mm512_loadu_ps(plus + c));
                __m512 dz = _mm512_mul_ps(load(gradient + p * channels + c), value(&slope, z));
                __m512 rest = _mm512_fmadd_ps(before, _mm512_loadu_ps(of_x + c), _mm512_loadu_ps(constant + c));
                if (beside != NULL) rest = _mm512_add_ps(rest, load(beside + (i * pixels + p) * channels + c));
                store(to + p * channels + c, _mm512_fmadd_ps(dz, _mm512_loadu_ps(by + c), rest));
            }
    }
}

/* y [n, high / 2, wide / 2, c] = factor * sum of x's 2x2 */
void halve(const bf16 *x, bf16 *y, long n, long high, long wide, long channels, float factor) {
    for (long row = 0; row < n * high / 2; row++)
        for (long column = 0; column < wide / 2; column++)
            for (long c = 0; c < channels; c += LANES) {
                const bf16 *from = x + (2 * row * wide + 2 * column) * channels + c;
                __m512 above = _mm512_add_ps(load(from), load(from + channels));
                __m512 below = _mm512_add_ps(load(from + wide * channels), load(from + (wide + 1) * channels));
                store(y + (row * wide / 2 + column) * channels + c, _mm512_mul_ps(_mm512_add_ps(above, below), _mm512_set1_ps(factor)));
            }
}

/* y [n, 2 high, 2 wide, c]: each pixel of x four times, times factor */
void twice(const bf16 *x, bf16 *y, long n, long high, long wide, long channels, float factor) {
    for (long row = 0; row < n * high; row++)
        for (long column = 0; column < wide; column++)
            for (long c = 0; c < channels; c += LANES) {
                __m512 value = _mm512_mul_ps(load(x + (row * wide + column) * channels + c), _mm512_set1_ps(factor));
                bf16 *to = y + (4 * row * wide + 2 * column) * channels + c;
                store(to, value), store(to + channels, value);
                store(to + 2 * wide * channels, value), store(to + (2 * wide + 1) * channels, value);
            }
}

void scaled(const bf16 *x, bf16 *y, long count, float factor) {
    for (long i = 0; i < count; i += LANES) store(y + i, _mm512_mul_ps(load(x + i), _mm512_set1_ps(factor)));
}
