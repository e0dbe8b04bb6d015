//! Eigenvalues and eigenvectors of a symmetric matrix (`torch.linalg.eigh`), by Jacobi's rotations in f64.
//!
//! For small matrices, a hundred rows or so: each sweep is cubic, and six or so suffice.

/// Sweeps after which the rest is rounding.
const SWEEPS: usize = 60;

/// Values and vectors of `matrix` [d, d], row-major and symmetric: column k of the vectors goes with value k.
pub fn symmetric_eigen(matrix: &[f64], d: usize) -> (Vec<f64>, Vec<f64>) {
    let mut a = matrix.to_vec();
    let mut vectors = vec![0.0; d * d];
    (0..d).for_each(|i| vectors[i * d + i] = 1.0);
    let size: f64 = a.iter().map(|value| value * value).sum();
    for _ in 0..SWEEPS {
        let off: f64 = (0..d).flat_map(|i| (0..i).map(move |j| (i, j))).map(|(i, j)| a[i * d + j].powi(2)).sum();
        if off <= size * 1e-30 {
            break;
        }
        for p in 0..d {
            for q in p + 1..d {
                rotate(&mut a, &mut vectors, d, p, q);
            }
        }
    }
    ((0..d).map(|i| a[i * d + i]).collect(), vectors)
}

/// Makes entry (p, q) zero.
fn rotate(a: &mut [f64], vectors: &mut [f64], d: usize, p: usize, q: usize) {
    let apq = a[p * d + q];
    if apq == 0.0 {
        return;
    }
    let theta = (a[q * d + q] - a[p * d + p]) / (2.0 * apq);
    let t = theta.signum() / (theta.abs() + (theta * theta + 1.0).sqrt());
    let c = 1.0 / (t * t + 1.0).sqrt();
    let s = t * c;
    for k in 0..d {
        let (kp, kq) = (a[k * d + p], a[k * d + q]);
        (a[k * d + p], a[k * d + q]) = (c * kp - s * kq, s * kp + c * kq);
    }
    for k in 0..d {
        let (pk, qk) = (a[p * d + k], a[q * d + k]);
        (a[p * d + k], a[q * d + k]) = (c * pk - s * qk, s * pk + c * qk);
        let (vp, vq) = (vectors[k * d + p], vectors[k * d + q]);
        (vectors[k * d + p], vectors[k * d + q]) = (c * vp - s * vq, s * vp + c * vq);
    }
}

#[cfg(test)]
mod tests {
    use super::symmetric_eigen;

    /// A v = λ v for each pair, and the vectors are orthonormal.
    #[test]
    fn every_pair_satisfies_its_equation() {
        let d = 12;
        let entry = |i: usize, j: usize| ((i * j + i + j) as f64).sin() + if i == j { 0.5 * i as f64 } else { 0.0 };
        let matrix: Vec<f64> = (0..d * d).map(|at| entry(at / d, at % d)).collect();
        let (values, vectors) = symmetric_eigen(&matrix, d);
        for k in 0..d {
            for i in 0..d {
                let product: f64 = (0..d).map(|j| matrix[i * d + j] * vectors[j * d + k]).sum();
                assert!((product - values[k] * vectors[i * d + k]).abs() < 1e-12);
                let dot: f64 = (0..d).map(|j| vectors[j * d + i] * vectors[j * d + k]).sum();
                assert!((dot - f64::from(u8::from(i == k))).abs() < 1e-12);
            }
        }
    }
}
