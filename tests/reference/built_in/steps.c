/* One optimiser step over a network whose numbers lie in one stretch: the gradient's norm, then clipping, Adam and the mean over
   steps (EMA) in one pass. Counts are multiples of 16, stretches begin at 64 bytes. adam.py calls it. */
#include <immintrin.h>

#define LANES 16
#define SUMMED 4096

double square_norm(const float *gradient, long count) {
    double total = 0;
    for (long first = 0; first < count; first += SUMMED) {
        long end = first + SUMMED < count ? first + SUMMED : count;
        __m512 sum = _mm512_setzero_ps();
        for (long i = first; i < end; i += LANES) {
            __m512 g = _mm512_load_ps(gradient + i);
            sum = _mm512_fmadd_ps(g, g, sum);
        }
        total += _mm512_reduce_add_ps(sum);
    }
    return total;
}

/* Kingma & Ba 2015 without weight decay: `rate` and `root` hold the corrections, rate / (1 - beta1^t) and 1 / sqrt(1 - beta2^t);
   `clip` multiplies the gradient; `share` of the new weight goes into `mean`. */
void adam(float *weight, const float *gradient, float *first, float *second, float *mean, long count, float clip, float rate, float root, float beta1, float beta2, float epsilon, float share) {
    __m512 one = _mm512_set1_ps(1), b1 = _mm512_set1_ps(beta1), b2 = _mm512_set1_ps(beta2);
    for (long i = 0; i < count; i += LANES) {
        __m512 g = _mm512_mul_ps(_mm512_load_ps(gradient + i), _mm512_set1_ps(clip));
        __m512 m = _mm512_fmadd_ps(b1, _mm512_load_ps(first + i), _mm512_mul_ps(_mm512_sub_ps(one, b1), g));
        __m512 v = _mm512_fmadd_ps(b2, _mm512_load_ps(second + i), _mm512_mul_ps(_mm512_sub_ps(one, b2), _mm512_mul_ps(g, g)));
        __m512 under = _mm512_fmadd_ps(_mm512_sqrt_ps(v), _mm512_set1_ps(root), _mm512_set1_ps(epsilon));
        __m512 w = _mm512_fnmadd_ps(_mm512_set1_ps(rate), _mm512_div_ps(m, under), _mm512_load_ps(weight + i));
        __m512 e = _mm512_load_ps(mean + i);
        _mm512_store_ps(first + i, m), _mm512_store_ps(second + i, v), _mm512_store_ps(weight + i, w);
        _mm512_store_ps(mean + i, _mm512_fmadd_ps(_mm512_set1_ps(share), _mm512_sub_ps(w, e), e));
    }
}
