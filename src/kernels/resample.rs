//! Halving, doubling, cutting and joining of pixels [n, h, w, c], and the way to and from planes [n, c, h, w].

use super::shape::Pictures;
use super::split::{self, Shared};

/// The mean of each 2×2 pixels; odd last rows and columns are left out, as PyTorch's `avg_pool2d(2)` does.
pub fn average_pool(x: &[f32], from: Pictures, c: usize, y: &mut [f32]) {
    sum_of_four(x, from, c, 0.25, y);
}

/// What a gradient by every pixel twice in each direction is by the pixel: the sum of its four.
pub fn upsample_nearest_backward(dy: &[f32], from: Pictures, c: usize, dx: &mut [f32]) {
    sum_of_four(dy, from, c, 1.0, dx);
}

fn sum_of_four(x: &[f32], from: Pictures, c: usize, factor: f32, y: &mut [f32]) {
    let (h, w) = (from.h / 2, from.w / 2);
    each_row(from.n * h, w * c, y, |number, row| {
        let (picture, at) = (number / h, number % h * 2);
        let above = &x[(picture * from.h + at) * from.w * c..][..from.w * c];
        let below = &x[(picture * from.h + at + 1) * from.w * c..][..from.w * c];
        let pairs = above.chunks_exact(2 * c).zip(below.chunks_exact(2 * c));
        for (y, (above, below)) in row.chunks_exact_mut(c).zip(pairs) {
            let ((a, b), (d, e)) = (above.split_at(c), below.split_at(c));
            for (((y, a), b), (d, e)) in y.iter_mut().zip(a).zip(b).zip(d.iter().zip(e)) {
                *y = (a + b + d + e) * factor;
            }
        }
    });
}

/// Every pixel twice in each direction.
pub fn upsample_nearest(x: &[f32], from: Pictures, c: usize, y: &mut [f32]) {
    each_row(from.n * from.h, 4 * from.w * c, y, |number, rows| {
        let (first, second) = rows.split_at_mut(2 * from.w * c);
        let x = &x[number * from.w * c..][..from.w * c];
        for (pair, pixel) in first.chunks_exact_mut(2 * c).zip(x.chunks_exact(c)) {
            pair[..c].copy_from_slice(pixel);
            pair[c..].copy_from_slice(pixel);
        }
        second.copy_from_slice(first);
    });
}

/// The first `h` rows and `w` columns of each picture.
pub fn crop(x: &[f32], from: Pictures, c: usize, (h, w): (usize, usize), y: &mut [f32]) {
    assert!(h <= from.h && w <= from.w);
    each_row(from.n * h, w * c, y, |number, row| {
        let at = (number / h * from.h + number % h) * from.w * c;
        row.copy_from_slice(&x[at..at + w * c]);
    });
}

/// The gradient by the pixels `to` of what is known by the means of each 2×2: a quarter each, none where none was taken.
pub fn average_pool_backward(dy: &[f32], to: Pictures, c: usize, dx: &mut [f32]) {
    let (h, w) = (to.h / 2, to.w / 2);
    each_row(to.n * to.h, to.w * c, dx, |number, row| {
        let (picture, at) = (number / to.h, number % to.h / 2);
        if at >= h {
            return row.fill(0.0);
        }
        let dy = &dy[(picture * h + at) * w * c..][..w * c];
        let (pairs, rest) = row.split_at_mut(2 * w * c);
        for (pair, dy) in pairs.chunks_exact_mut(2 * c).zip(dy.chunks_exact(c)) {
            for (one, dy) in pair.chunks_exact_mut(c).flat_map(|pixel| pixel.iter_mut().zip(dy)) {
                *one = dy * 0.25;
            }
        }
        rest.fill(0.0);
    });
}

/// The channels of a, then those of b, at every pixel.
pub fn concat(a: &[f32], c_a: usize, b: &[f32], c_b: usize, y: &mut [f32]) {
    each_row(a.len() / c_a.max(1), c_a + c_b, y, |pixel, y| {
        y[..c_a].copy_from_slice(&a[pixel * c_a..][..c_a]);
        y[c_a..].copy_from_slice(&b[pixel * c_b..][..c_b]);
    });
}

/// [n, c, h, w] to [n, h, w, c].
pub fn pixels_of_planes(x: &[f32], pictures: Pictures, c: usize, y: &mut [f32]) {
    let size = pictures.h * pictures.w;
    each_row(pictures.n * pictures.h, pictures.w * c, y, |number, row| {
        let (picture, at) = (number / pictures.h, number % pictures.h * pictures.w);
        for channel in 0..c {
            let plane = &x[(picture * c + channel) * size + at..][..pictures.w];
            row.iter_mut().skip(channel).step_by(c).zip(plane).for_each(|(y, x)| *y = *x);
        }
    });
}

/// [n, h, w, c] to [n, c, h, w].
pub fn planes_of_pixels(x: &[f32], pictures: Pictures, c: usize, y: &mut [f32]) {
    let size = pictures.h * pictures.w;
    each_row(pictures.n * c, size, y, |number, plane| {
        let (picture, channel) = (number / c, number % c);
        let pixels = x[picture * size * c..][..size * c].iter().skip(channel).step_by(c);
        plane.iter_mut().zip(pixels).for_each(|(y, x)| *y = *x);
    });
}

/// Calls `write(number, row)` for `rows` rows of `len` elements, which must be all of y.
fn each_row(rows: usize, len: usize, y: &mut [f32], write: impl Fn(usize, &mut [f32]) + Sync) {
    assert_eq!(y.len(), rows * len);
    let tasks = split::tasks(8 * y.len()).min(rows.max(1));
    let y = Shared::new(y);
    split::run(tasks, |task| {
        for row in rows * task / tasks..rows * (task + 1) / tasks {
            // SAFETY: tasks differ in rows.
            write(row, unsafe { y.slice(row * len, len) });
        }
    });
}
