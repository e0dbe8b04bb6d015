/* Convolutions of 3x3 and 1x1 and linear layers over bf16 rows of channels (pixels of NHWC), forth and back, as products of AMX
   tiles (16 rows of 64 bytes), one thread. Weights and their gradients are f32, [outs, taps, channels].

   Pixels lie in a grid with one column and one row of zeros between rows and pictures; so a tap is one distance for all pixels,
   sixteen neighbours are one tile, and what is reckoned between the pictures is thrown away. kernels.py calls it and checks it. */
#include <immintrin.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

typedef uint16_t bf16;
#define TILE 512   /* elements */
#define DEEP 32    /* channels, or positions, that one tile adds over */
#define STEPS 8    /* tiles of positions for which a weight gradient's operands stay in the first cache */
#define GRID_BYTES (256 << 10)
#define HUGE_PAGE (2 << 20)

enum { PIXELS, GRADIENT, PLACES, LEFT, RIGHT, SUMS, WEIGHTS, PURPOSES };

static const int PERMISSION_REQUEST = 0x1023, TILE_DATA = 18;

int tiles_allowed(void) { return syscall(SYS_arch_prctl, PERMISSION_REQUEST, TILE_DATA) == 0; }

static void begin(void) {
    struct { uint8_t palette, start, reserved[14]; uint16_t row_bytes[16]; uint8_t rows[16]; } shape = {.palette = 1};
    for (int i = 0; i < 8; i++) shape.row_bytes[i] = 64, shape.rows[i] = 16;
    _tile_loadconfig(&shape);
}

static long up(long value, long to) { return (value + to - 1) / to * to; }

/* Memory for one purpose, kept from call to call and in huge pages: fresh pages cost more than what is written to them. */
static void *space(int purpose, long bytes) {
    static struct { void *memory; long bytes; } kept[PURPOSES];
    if (kept[purpose].bytes < bytes) {
        free(kept[purpose].memory);
        kept[purpose].bytes = up(bytes, HUGE_PAGE);
        kept[purpose].memory = aligned_alloc(HUGE_PAGE, kept[purpose].bytes);
        madvise(kept[purpose].memory, kept[purpose].bytes, MADV_HUGEPAGE);
    }
    return kept[purpose].memory;
}

/* Some pictures in a row; a position counts from the first pixel of the first. */
typedef struct {
    long n, high, wide, channels; /* channels of the memory outside, `deep` in the grid */
    long taps, pitch, picture, before, count, deep;
    bf16 *room, *positions; /* `before` of them, zeros that the first pixels' taps reach, then the first pixel */
    int *place;      /* which pixel of the memory outside a position is, or -1 */
} Grid;

static Grid grid(int purpose, long n, long high, long wide, long channels, long taps) {
    Grid g = {.n = n, .high = high, .wide = wide, .channels = channels, .taps = taps, .deep = up(channels, DEEP)};
    g.pitch = taps == 1 ? wide : wide + 1;
    g.picture = taps == 1 ? high * wide : (high + 1) * g.pitch;
    g.before = taps == 1 ? 0 : up(g.pitch + 1, DEEP);
    g.count = up(n * g.picture, DEEP);
    g.room = space(purpose, (2 * g.before + g.count) * g.deep * sizeof(bf16));
    memset(g.room, 0, (2 * g.before + g.count) * g.deep * sizeof(bf16));
    g.place = space(PLACES, g.count * sizeof(int));
    for (long i = 0, pixel = 0; i < n; i++)
        for (long p = 0; p < g.picture; p++) g.place[i * g.picture + p] = p % g.pitch < wide && p / g.pitch < high ? pixel++ : -1;
    return g;
}

/* `n` pictures, fewer than the grid has room for at the end. Rows without neighbours need not be copied. */
static void fill(Grid *g, const bf16 *x, long n) {
    long pixels = n * g->high * g->wide, row = g->wide * g->channels, as_they_are = g->taps == 1 && g->channels == g->deep;
    g->n = n, g->count = up(n * g->picture, DEEP);
    if (as_they_are && pixels % DEEP == 0) {
        g->positions = (bf16 *)x;
        return;
    }
    g->positions = g->room;
    memset(g->positions + (g->before + n * g->picture) * g->deep, 0, (g->before + g->count - n * g->picture) * g->deep * sizeof(bf16));
    if (as_they_are) {
        memcpy(g->positions, x, pixels * g->deep * sizeof(bf16));
        return;
    }
    for (long i = 0; i < n; i++)
        for (long y = 0; y < g->high; y++, x += row) {
            bf16 *to = g->positions + (g->before + i * g->picture + y * g->pitch) * g->deep;
            if (g->channels == g->deep) memcpy(to, x, row * sizeof(bf16));
            else
                for (long p = 0; p < g->wide; p++) memcpy(to + p * g->deep, x + p * g->channels, g->channels * sizeof(bf16));
        }
}

static long distance(const Grid *g, long tap) { return g->taps == 1 ? 0 : (tap / 3 - 1) * g->pitch + tap % 3 - 1; }

static long together(long n, long high, long wide, long most_channels) {
    long fit = GRID_BYTES / (high * wide * most_channels * (long)sizeof(bf16));
    return fit < 1 ? 1 : fit > n ? n : fit;
}

static inline __mmask32 lanes(long left) { return left >= 32 ? ~0u : left <= 0 ? 0 : (1u << left) - 1; }

/* Tiles 0 to 3 are sums of two by two tiles of f32, 4 and 5 what stands left in the product, 6 and 7 right. GCC's intrinsics are
   single statements and do not say that they read memory: `settled` does. */
static inline void settled(void) { __asm__ volatile("" ::: "memory"); }

static inline void none(void) {
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
}

/* `right` and the tile beside it, `apart` elements on; strides in bytes. */
static inline void multiply(const bf16 *left, long left_stride, const bf16 *right, long right_stride, long apart) {
    _tile_loadd(4, left, left_stride);
    _tile_loadd(6, right, right_stride);
    _tile_loadd(7, right + apart, right_stride);
    _tile_loadd(5, left + 8 * left_stride, left_stride);
    _tile_dpbf16ps(0, 4, 6);
    _tile_dpbf16ps(1, 4, 7);
    _tile_dpbf16ps(2, 5, 6);
    _tile_dpbf16ps(3, 5, 7);
}

static inline void load_sums(const float *from, long stride) {
    _tile_loadd(0, from, 4 * stride);
    _tile_loadd(1, from + 16, 4 * stride);
    _tile_loadd(2, from + 16 * stride, 4 * stride);
    _tile_loadd(3, from + 16 * stride + 16, 4 * stride);
}

static inline void store_sums(float *to, long stride) {
    _tile_stored(0, to, 4 * stride);
    _tile_stored(1, to + 16, 4 * stride);
    _tile_stored(2, to + 16 * stride, 4 * stride);
    _tile_stored(3, to + 16 * stride + 16, 4 * stride);
}

static inline __m512 load(const bf16 *from, __mmask16 present) {
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(present, from)), 16));
}

/* y [n, high, wide, outs] from the grid; `packed` as `pack` left it. */
static void convolved(const Grid *g, const bf16 *packed, const float *bias, const bf16 *beside, float factor, bf16 *y, long outs) {
    long steps = g->deep / DEEP, stride = g->deep * sizeof(bf16);
    float sums[32 * 32] __attribute__((aligned(64)));
    settled();
    for (long first = 0; first < outs; first += 32) {
        const bf16 *weights = packed + first * g->taps * g->deep;
        __mmask32 present = lanes(outs - first);
        __m512 low = _mm512_setzero_ps(), high = low;
        if (bias != NULL) low = _mm512_maskz_loadu_ps(present, bias + first), high = _mm512_maskz_loadu_ps(present >> 16, bias + first + 16);
        for (long block = 0; block < g->count; block += 32) {
            const bf16 *from = g->positions + (g->before + block) * g->deep, *right = weights;
            none();
            for (long tap = 0; tap < g->taps; tap++) {
                const bf16 *left = from + distance(g, tap) * g->deep;
                for (long k = 0; k < steps; k++, left += DEEP, right += 2 * TILE) multiply(left, stride, right, 64, TILE);
            }
            store_sums(sums, 32);
            for (long p = 0; p < 32 && block + p < g->n * g->picture; p++) {
                int place = g->place[block + p];
                if (place < 0) continue;
                __m512 a = _mm512_add_ps(_mm512_load_ps(sums + 32 * p), low), b = _mm512_add_ps(_mm512_load_ps(sums + 32 * p + 16), high);
                if (beside != NULL) {
                    const bf16 *other = beside + place * outs + first;
                    a = _mm512_mul_ps(_mm512_add_ps(a, load(other, present)), _mm512_set1_ps(factor));
                    b = _mm512_mul_ps(_mm512_add_ps(b, load(other + 16, present >> 16)), _mm512_set1_ps(factor));
                }
                _mm512_mask_storeu_epi16(y + place * outs + first, present, (__m512i)_mm512_cvtne2ps_pbh(b, a));
            }
        }
    }
}

static inline void transpose(__m512i *r) {
    __m512i t[16];
    for (int i = 0; i < 16; i += 2) t[i] = _mm512_unpacklo_epi32(r[i], r[i + 1]), t[i + 1] = _mm512_unpackhi_epi32(r[i], r[i + 1]);
    for (int i = 0; i < 16; i += 4) {
        r[i] = _mm512_unpacklo_epi64(t[i], t[i + 2]), r[i + 1] = _mm512_unpackhi_epi64(t[i], t[i + 2]);
        r[i + 2] = _mm512_unpacklo_epi64(t[i + 1], t[i + 3]), r[i + 3] = _mm512_unpackhi_epi64(t[i + 1], t[i + 3]);
    }
    for (int half = 0; half < 16; half += 8)
        for (int i = 0; i < 4; i++) {
            t[half + i] = _mm512_shuffle_i32x4(r[half + i], r[half + i + 4], 0x88);
            t[half + i + 4] = _mm512_shuffle_i32x4(r[half + i], r[half + i + 4], 0xdd);
        }
    for (int i = 0; i < 8; i++) {
        r[i] = _mm512_shuffle_i32x4(t[i], t[i + 8], 0x88);
        r[i + 8] = _mm512_shuffle_i32x4(t[i], t[i + 8], 0xdd);
    }
}

/* Two rows of 32 as 32 pairs. */
static inline void pair(__m512i a, __m512i b, __m512i *low, __m512i *high) {
    uint16_t order[64];
    for (int i = 0; i < 32; i++) order[2 * i] = i, order[2 * i + 1] = 32 + i;
    *low = _mm512_permutex2var_epi16(a, _mm512_loadu_si512(order), b);
    *high = _mm512_permutex2var_epi16(a, _mm512_loadu_si512(order + 32), b);
}

static inline __m512i halves(const float *from, __mmask32 present) {
    __m512 low = _mm512_maskz_loadu_ps(present, from), high = _mm512_maskz_loadu_ps(present >> 16, from + 16);
    return (__m512i)_mm512_cvtne2ps_pbh(high, low);
}

/* weight [outs, taps, channels] to the right tiles of `convolved`: `forth` for y, `back` for the gradient of x. Both hold
   outs * taps * channels with outs and channels rounded up to 32. */
void pack(const float *weight, bf16 *forth, bf16 *back, long outs, long taps, long channels) {
    long wide = up(outs, 32), deep = up(channels, 32);
    for (long o = 0; o < wide; o += 32)
        for (long tap = 0; tap < taps; tap++)
            for (long c = 0; c < deep; c += 32) {
                bf16 *to = forth + (o * taps + tap * 32) * deep + c * 32;
                bf16 *turned = back + (c * taps + (taps - 1 - tap) * 32) * wide + o * 32;
                __m512i rows[32];
                for (long i = 0; i < 32; i++)
                    rows[i] = o + i < outs ? halves(weight + ((o + i) * taps + tap) * channels + c, lanes(channels - c)) : _mm512_setzero_si512();
                for (long i = 0; i < 16; i++) {
                    __m512i low, high;
                    pair(rows[2 * i], rows[2 * i + 1], &low, &high);
                    _mm512_storeu_si512(turned + 32 * i, low), _mm512_storeu_si512(turned + TILE + 32 * i, high);
                }
                for (long half = 0; half < 2; half++) {
                    transpose(rows + 16 * half);
                    for (long i = 0; i < 16; i++) _mm512_storeu_si512(to + half * TILE + 32 * i, rows[16 * half + i]);
                }
            }
}

/* y [n, high, wide, outs] = x [n, high, wide, channels] through `packed`, plus bias or NULL; and, unless `beside` is NULL, plus
   that, like y, and all of it times factor. */
void convolve(const bf16 *x, const bf16 *packed, const float *bias, const bf16 *beside, float factor, bf16 *y, long n, long high, long wide, long channels, long outs, long taps) {
    long some = together(n, high, wide, channels);
    Grid g = grid(PIXELS, some, high, wide, channels, taps);
    begin();
    for (long i = 0; i < n; i += some) {
        fill(&g, x + i * high * wide * channels, n - i < some ? n - i : some);
        const bf16 *other = beside == NULL ? NULL : beside + i * high * wide * outs;
        convolved(&g, packed, bias, other, factor, y + i * high * wide * outs, outs);
    }
    _tile_release();
}

/* [positions, channels] of the grid as [channels / 32][positions / 2][32 pairs], from its first pixel on. */
static void paired(const Grid *g, bf16 *to) {
    for (long c = 0; c < g->deep; c += 32)
        for (long p = 0; p < g->count; p += 2, to += 64) {
            const bf16 *from = g->positions + (g->before + p) * g->deep + c;
            __m512i low, high;
            pair(_mm512_loadu_si512(from), _mm512_loadu_si512(from + g->deep), &low, &high);
            _mm512_storeu_si512(to, low), _mm512_storeu_si512(to + 32, high);
        }
}

/* The grid, with what is before and after it, as [channels][stride]; every channel's sum is added to `sums`. */
static void turned(const Grid *g, bf16 *to, long stride, float *sums) {
    for (long c = 0; c < g->deep; c += 32) {
        __m512 low_sum = _mm512_loadu_ps(sums + c), high_sum = _mm512_loadu_ps(sums + c + 16);
        for (long p = 0; p < 2 * g->before + g->count; p += 32) {
            const bf16 *from = g->positions + p * g->deep + c;
            __m512i low[16], high[16];
            for (int i = 0; i < 16; i++) {
                __m512i a = _mm512_loadu_si512(from + 2 * i * g->deep), b = _mm512_loadu_si512(from + (2 * i + 1) * g->deep);
                pair(a, b, low + i, high + i);
                __m512i upper = _mm512_set1_epi32(0xffff0000);
                low_sum = _mm512_add_ps(low_sum, _mm512_add_ps((__m512)_mm512_slli_epi32(low[i], 16), (__m512)_mm512_and_si512(low[i], upper)));
                high_sum = _mm512_add_ps(high_sum, _mm512_add_ps((__m512)_mm512_slli_epi32(high[i], 16), (__m512)_mm512_and_si512(high[i], upper)));
            }
            transpose(low), transpose(high);
            for (int i = 0; i < 16; i++) {
                _mm512_storeu_si512(to + (c + i) * stride + p, low[i]);
                _mm512_storeu_si512(to + (c + 16 + i) * stride + p, high[i]);
            }
        }
        _mm512_storeu_ps(sums + c, low_sum), _mm512_storeu_ps(sums + c + 16, high_sum);
    }
}

/* Adds one grid's part to dw [outs, taps, channels], both multiples of 32; `fresh`: there is nothing yet to add to. */
static void weigh(const Grid *g, const bf16 *left, long stride, const bf16 *right, float *dw, long outs, int fresh) {
    long row = g->taps * g->deep;
    settled();
    for (long start = 0; start < g->count; start += STEPS * DEEP) {
        long end = start + STEPS * DEEP < g->count ? start + STEPS * DEEP : g->count;
        for (long o = 0; o < outs; o += 32)
            for (long c = 0; c < g->deep; c += 32)
                for (long tap = 0; tap < g->taps; tap++) {
                    float *to = dw + o * row + tap * g->deep + c;
                    const bf16 *a = left + o * stride + g->before + start - distance(g, tap), *b = right + (c * g->count) + start * 32;
                    if (fresh && start == 0) none();
                    else load_sums(to, row);
                    for (long p = start; p < end; p += DEEP, a += DEEP, b += DEEP * 32) multiply(a, 2 * stride, b, 128, 32);
                    store_sums(to, row);
                }
    }
}

/* From dy [n, high, wide, outs]: dx like x unless it is NULL, dw [outs, taps, channels], db [outs] or NULL. */
void convolve_back(const bf16 *x, const bf16 *dy, const bf16 *packed, bf16 *dx, float *dw, float *db, long n, long high, long wide, long channels, long outs, long taps) {
    long some = together(n, high, wide, channels > outs ? channels : outs);
    Grid g = grid(PIXELS, some, high, wide, channels, taps), gradient = grid(GRADIENT, some, high, wide, outs, taps);
    long stride = (up(2 * gradient.before + gradient.count, 32) / 32 | 1) * 32, exact = channels == g.deep && outs == gradient.deep;
    bf16 *left = space(LEFT, gradient.deep * stride * sizeof(bf16)), *right = space(RIGHT, g.count * g.deep * sizeof(bf16));
    float *sums = space(SUMS, gradient.deep * sizeof(float)), *weights = exact ? dw : space(WEIGHTS, gradient.deep * taps * g.deep * sizeof(float));
    memset(sums, 0, gradient.deep * sizeof(float));
    begin();
    for (long i = 0; i < n; i += some) {
        long now = n - i < some ? n - i : some;
        fill(&gradient, dy + i * high * wide * outs, now);
        if (dx != NULL) convolved(&gradient, packed, NULL, NULL, 1, dx + i * high * wide * channels, channels);
        turned(&gradient, left, stride, sums);
        fill(&g, x + i * high * wide * channels, now);
        paired(&g, right);
        weigh(&g, left, stride, right, weights, gradient.deep, i == 0);
    }
    _tile_release();
    if (db != NULL) memcpy(db, sums, outs * sizeof(float));
    if (!exact)
        for (long row = 0; row < outs * taps; row++) memcpy(dw + row * channels, weights + row * g.deep, channels * sizeof(float));
}
