//! Fréchet distance of two sets of pictures in a classifier's feature space (Heusel et al. 2017):
//! |μ_1 - μ_2|² + tr(Σ_1 + Σ_2 - 2 (Σ_1 Σ_2)^½), in f64.

use crate::error::{Error, Result};
use crate::tensors::symmetric_eigen;

/// Mean and covariance of a set of features.
pub struct Moments {
    mean: Vec<f64>,
    covariance: Vec<f64>,
}

impl Moments {
    /// Of feature vectors of one length, at least two of them.
    pub fn of(features: &[Vec<f32>]) -> Result<Self> {
        if features.len() < 2 {
            return Err(Error::new("a Fréchet distance needs at least two pictures").hint("give a larger --count"));
        }
        let (mean, covariance) = moments(features);
        Ok(Self { mean, covariance })
    }

    /// The distance to another set's, 0 or more.
    pub fn distance(&self, other: &Self) -> f64 {
        let d = self.mean.len();
        let apart: f64 = self.mean.iter().zip(&other.mean).map(|(a, b)| (a - b) * (a - b)).sum();
        let trace = |matrix: &[f64]| (0..d).map(|i| matrix[i * d + i]).sum::<f64>();
        // tr (Σ_1 Σ_2)^½ is the sum of the square roots of the eigenvalues of the symmetric Σ_1^½ Σ_2 Σ_1^½.
        let root = square_root(&self.covariance, d);
        let between = product(&product(&root, &other.covariance, d), &root, d);
        let (values, _) = symmetric_eigen(&between, d);
        let geometric: f64 = values.iter().map(|value| value.max(0.0).sqrt()).sum();
        (apart + trace(&self.covariance) + trace(&other.covariance) - 2.0 * geometric).max(0.0)
    }
}

/// The mean of a set of feature vectors and their covariance (unbiased), row-major, in f64.
fn moments(features: &[Vec<f32>]) -> (Vec<f64>, Vec<f64>) {
    let d = features.first().map_or(0, Vec::len);
    let n = features.len() as f64;
    let mut mean = vec![0.0; d];
    for row in features {
        mean.iter_mut().zip(row).for_each(|(mean, value)| *mean += f64::from(*value) / n);
    }
    let mut covariance = vec![0.0; d * d];
    for row in features {
        let centred: Vec<f64> = row.iter().zip(&mean).map(|(value, mean)| f64::from(*value) - mean).collect();
        for i in 0..d {
            for j in 0..d {
                covariance[i * d + j] += centred[i] * centred[j] / (n - 1.0).max(1.0);
            }
        }
    }
    (mean, covariance)
}

fn product(a: &[f64], b: &[f64], d: usize) -> Vec<f64> {
    let mut c = vec![0.0; d * d];
    for i in 0..d {
        for k in 0..d {
            for j in 0..d {
                c[i * d + j] += a[i * d + k] * b[k * d + j];
            }
        }
    }
    c
}

/// The symmetric root of a positive matrix.
fn square_root(matrix: &[f64], d: usize) -> Vec<f64> {
    let (values, vectors) = symmetric_eigen(matrix, d);
    let mut root = vec![0.0; d * d];
    for (k, value) in values.iter().enumerate() {
        let scale = value.max(0.0).sqrt();
        for i in 0..d {
            for j in 0..d {
                root[i * d + j] += scale * vectors[i * d + k] * vectors[j * d + k];
            }
        }
    }
    root
}

#[cfg(test)]
mod tests {
    use super::Moments;

    /// Two Gaussians whose covariances commute: |Δμ|² + Σ (√λ_1 - √λ_2)².
    #[test]
    fn the_distance_of_diagonal_gaussians_is_the_closed_form() {
        let a = Moments { mean: vec![0.0, 1.0], covariance: vec![4.0, 0.0, 0.0, 9.0] };
        let b = Moments { mean: vec![3.0, 1.0], covariance: vec![1.0, 0.0, 0.0, 25.0] };
        assert!((a.distance(&b) - (9.0 + 1.0 + 4.0)).abs() < 1e-9);
        assert!(a.distance(&a) < 1e-9);
        // Turned together they stay as far apart.
        let turned = |v: &Moments| {
            let (c, s) = (0.6, 0.8);
            let [x, _, _, y] = v.covariance[..] else { panic!() };
            Moments {
                mean: vec![c * v.mean[0] - s * v.mean[1], s * v.mean[0] + c * v.mean[1]],
                covariance: vec![c * c * x + s * s * y, c * s * (x - y), c * s * (x - y), s * s * x + c * c * y],
            }
        };
        assert!((turned(&a).distance(&turned(&b)) - 14.0).abs() < 1e-9);
    }
}
