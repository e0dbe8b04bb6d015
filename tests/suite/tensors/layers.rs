//! Every layer that a network of DeepFloyd's shape is made of, forward and backward, against PyTorch's autograd.

use candle_core::{Tensor, Var};
use diffusion_lab::tensors::cpu::{Activation, Form};
use diffusion_lab::tensors::layers::{self, GroupNorm, Pixels, Pool, Weights, backward};

use crate::reference::{Reference, relative_difference};

/// Of the largest number, at least 1: both sum up to a few hundred products in f32, each in its own order, and GELU's
/// Φ is within 1e-7. Measured: 6e-7 at the most.
const TOLERANCE: f32 = 3e-6;

struct Case {
    reference: Reference,
    key: &'static str,
    leaves: Vec<(&'static str, Var)>,
}

impl Case {
    fn new(key: &'static str, names: &[&'static str]) -> Self {
        let reference = Reference::open("gradients.safetensors");
        let leaf = |name: &&'static str| (*name, Var::from_tensor(reference.get(&format!("{key}.{name}"))).unwrap());
        let leaves = names.iter().map(leaf).collect();
        Self { reference, key, leaves }
    }

    fn leaf(&self, name: &str) -> &Tensor {
        self.leaves.iter().find(|(known, _)| *known == name).unwrap().1.as_tensor()
    }

    fn map(&self, name: &str) -> Pixels {
        Pixels::from_pictures(Pool::shared(), self.leaf(name)).unwrap()
    }

    fn get(&self, name: &str) -> &Tensor {
        self.reference.get(&format!("{}.{name}", self.key))
    }

    /// Holds y and the gradients of Σ y · dy to PyTorch's; gives them by name.
    fn check(&self, y: Pixels) -> Vec<(&'static str, Tensor)> {
        let y = y.into_pictures().unwrap();
        let worst = relative_difference(&y.detach(), self.get("output"));
        assert!(worst <= TOLERANCE, "{}: {worst:.1e}", self.key);
        let gradients = backward(&(y * self.get("dy")).unwrap().sum_all().unwrap()).unwrap();
        let one = |(name, leaf): &(&'static str, Var)| {
            let ours = gradients.get(leaf.as_tensor()).unwrap_or_else(|| panic!("{} has no gradient", *name));
            let worst = relative_difference(ours, self.get(&format!("gradient.{name}")));
            eprintln!("{} by {name}: {worst:.1e}", self.key);
            assert!(worst <= TOLERANCE, "{} by {name}: {worst:.1e}", self.key);
            (*name, ours.clone())
        };
        self.leaves.iter().map(one).collect()
    }
}

#[test]
fn group_norms_with_scale_shift_and_activation() {
    let cases =
        [("norm.plain", Activation::Identity), ("norm.gelu", Activation::Gelu), ("norm.silu", Activation::Silu)];
    for (key, activation) in cases {
        let case = Case::new(key, &["x", "weight", "bias", "both"]);
        let norm = |groups| GroupNorm {
            groups,
            eps: 1e-5,
            weight: case.leaf("weight"),
            bias: case.leaf("bias"),
            scale_shift: Some(case.leaf("both")),
            activation,
        };
        let gradients = case.check(layers::group_norm(&case.map("x"), norm(3), true).unwrap());
        let wrong = relative_difference(&gradients[0].1, case.get("wrong.x"));
        assert!(wrong > 1e4 * TOLERANCE, "{key} forgets the 1 of its scale: {wrong}");
        assert!(layers::group_norm(&case.map("x"), norm(5), true).is_err());
    }
}

/// Image tokens look at the text's and at each other; gradients reach all six.
#[test]
fn attention_of_text_and_image() {
    let case = Case::new("attention", &["q", "k", "v", "text_k", "text_v"]);
    let text = |name| Pixels::from_tokens(Pool::shared(), case.leaf(name)).unwrap();
    let parts = [(text("text_k"), text("text_v")), (case.map("k"), case.map("v"))];
    case.check(layers::attention(&case.map("q"), &parts, 3).unwrap());
    assert!(layers::attention(&case.map("q"), &parts, 4).is_err());
}

#[test]
fn linear_maps() {
    let case = Case::new("linear", &["x", "weight", "bias"]);
    let form = Form { kernel: 1, stride: 1, padding: 0, transposed: false };
    let weights = Weights { weight: case.leaf("weight"), bias: case.leaf("bias") };
    case.check(layers::convolve(&case.map("x"), form, weights, true).unwrap());
}

#[test]
fn half_and_twice_the_size() {
    let down = Case::new("down", &["x"]);
    down.check(layers::average_pool(&down.map("x")));
    let up = Case::new("up", &["x"]);
    up.check(layers::upsample_nearest(&up.map("x")));
}

#[test]
fn residual_sums() {
    let case = Case::new("sum", &["a", "b"]);
    case.check(layers::add(&case.map("a"), &case.map("b"), 1.0 / 1.5).unwrap());
}

/// What is only drawn keeps no record of how it was made.
#[test]
fn without_variables_there_is_no_record() {
    let case = Case::new("attention", &["q", "k", "v"]);
    let map = |name| Pixels::from_pictures(Pool::shared(), &case.leaf(name).detach()).unwrap();
    let y = layers::attention(&map("q"), &[(map("k"), map("v"))], 3).unwrap();
    let y = layers::upsample_nearest(&layers::add(&y, &map("q"), 1.0).unwrap());
    assert!(!y.tracks());
    assert!(!y.into_pictures().unwrap().track_op());
}
