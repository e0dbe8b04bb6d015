/// bf16 by the tile unit.
mod amx;
/// Kernels of the processor, backward.
mod backward;
/// Kernels of the processor.
mod cpu;
/// Weights in 16 bits.
mod half;
/// Layers with gradients.
mod layers;
/// The kernels of transformers, and of convolutions that halve.
mod transformer;

use candle_core::{Device, Tensor};
use diffusion_lab::tensors::{Generator, Generators, gaussian_blur, interpolate_bilinear, quantile};

use crate::reference::{Reference, difference, floats};

/// The whole stream, both layouts, bit for bit: a seed must mean the same picture as in PyTorch.
#[test]
fn randn_is_torchs_bit_for_bit() {
    let reference = Reference::open("tensors.safetensors");
    let mut streams = 0;
    for name in reference.names() {
        let Some(rest) = name.strip_prefix("randn.") else { continue };
        let seed: u64 = rest.split('.').next().unwrap().parse().unwrap();
        let expected = reference.floats(name);
        assert_eq!(Generator::new(seed).randn(expected.len()), expected, "{name}");
        streams += 1;
    }
    assert!(streams >= 20, "{streams}");
}

/// Several draws from one generator: the second of a small pair outlives large draws.
#[test]
fn randn_keeps_its_place_between_draws() {
    let reference = Reference::open("tensors.safetensors");
    let mut sequences: std::collections::BTreeMap<(String, String), Vec<(usize, String)>> = Default::default();
    for name in reference.names().iter().filter(|name| name.starts_with("sequence.")) {
        let parts: Vec<&str> = name.split('.').collect();
        let key = (parts[1].to_owned(), parts[2].to_owned());
        sequences.entry(key).or_default().push((parts[3].parse().unwrap(), (*name).to_owned()));
    }
    assert!(!sequences.is_empty());
    for ((seed, _), mut draws) in sequences {
        draws.sort();
        let mut generator = Generator::new(seed.parse().unwrap());
        for (_, name) in draws {
            let expected = reference.floats(&name);
            assert_eq!(generator.randn(expected.len()), expected, "{name}");
        }
    }
}

#[test]
fn only_the_low_32_bits_of_a_seed_count() {
    assert_eq!(Generator::new(180).randn(64), Generator::new((1 << 32) + 180).randn(64));
    assert_ne!(Generator::new(180).randn(64), Generator::new(181).randn(64));
}

/// Batching never shows: picture i of a batch is the picture of seed + i alone.
#[test]
fn every_picture_has_a_generator_of_its_own() {
    let batch = Generators::new(180, 3).randn((3, 8, 8), &Device::Cpu).unwrap();
    for i in 0..3 {
        let alone = Generators::new(180 + i, 1).randn((3, 8, 8), &Device::Cpu).unwrap();
        assert_eq!(floats(&batch.narrow(0, i as usize, 1).unwrap()), floats(&alone));
    }
}

/// torchvision convolves with the outer product of two kernels, ours in two passes: f32 rounding apart.
#[test]
fn gaussian_blur_is_torchvisions() {
    let reference = Reference::open("tensors.safetensors");
    for case in ["kernel_5", "kernel_33", "odd", "wide"] {
        let get = |part: &str| reference.get(&format!("blur.{case}.{part}")).unsqueeze(0).unwrap();
        let settings = reference.floats(&format!("blur.{case}.kernel_sigma"));
        let ours = gaussian_blur(&get("input"), settings[0] as usize, f64::from(settings[1])).unwrap();
        let worst = difference(&ours, &get("output"));
        assert!(worst <= 2e-6, "{case}: {worst}");
    }
}

#[test]
fn a_blur_that_does_not_fit_says_so() {
    let x = Tensor::zeros((1, 1, 8, 40), candle_core::DType::F32, &Device::Cpu).unwrap();
    let message = gaussian_blur(&x, 17, 2.0).unwrap_err().to_string();
    assert!(message.contains("17") && message.contains("at most 15"), "{message}");
    assert!(gaussian_blur(&x, 15, 2.0).is_ok());
    assert!(gaussian_blur(&x, 4, 2.0).unwrap_err().to_string().contains("odd"));
    assert!(gaussian_blur(&x, 5, 0.0).unwrap_err().to_string().contains("σ"));
}

/// The weights are torch's to the bit; the sum is taken in another order.
#[test]
fn interpolation_is_torchs() {
    let reference = Reference::open("tensors.safetensors");
    for (h, w) in [(13, 27), (32, 32), (5, 11)] {
        for align_corners in [true, false] {
            let ours = interpolate_bilinear(reference.get("interpolate.input"), h, w, align_corners).unwrap();
            let name = format!("interpolate.{h}x{w}.align_corners_{align_corners}");
            let worst = difference(&ours, reference.get(&name));
            assert!(worst <= 1e-6, "{name}: {worst}");
        }
    }
}

#[test]
fn quantile_is_torchs_bit_for_bit() {
    let reference = Reference::open("tensors.safetensors");
    let q = f64::from(reference.floats("quantile.q")[0]);
    for n in [1, 2, 7, 8, 100, 101, 3072, 12288] {
        let input = reference.get(&format!("quantile.{n}.input")).unsqueeze(0).unwrap();
        let expected = reference.floats(&format!("quantile.{n}.output"));
        assert_eq!(floats(&quantile(&input, q).unwrap()), expected, "{n}");
    }
    let nan = Tensor::new(&[[1.0_f32, f32::NAN, 2.0]], &Device::Cpu).unwrap();
    assert!(floats(&quantile(&nan, 0.5).unwrap())[0].is_nan());
}

/// Uniforms, integers and shuffles, one after the other from one generator, bit for bit.
#[test]
fn the_other_draws_are_torchs() {
    let reference = Reference::open("digits.safetensors");
    let mut generator = Generator::new(17);
    let order = |order: Vec<usize>| order.into_iter().map(|index| index as i64).collect::<Vec<_>>();
    assert_eq!(generator.uniform(37, -0.3, 0.3), reference.floats("stream.uniform"));
    assert_eq!(generator.randint(1, 301, 40), reference.integers("stream.randint"));
    assert_eq!(order(generator.randperm(60)), reference.integers("stream.randperm"));
    let mut resumed = Generator::from_state(&generator.state()).unwrap();
    for generator in [&mut generator, &mut resumed] {
        assert_eq!(generator.uniform(20, 0.0, 1.0), reference.floats("stream.rand"));
        assert_eq!(generator.randn(20), reference.floats("stream.randn"));
        assert_eq!(order(generator.randperm(60_000))[..64], reference.integers("stream.randperm_60000"));
    }
    // The second normal of a pair is part of the state.
    generator.randn(1);
    let mut resumed = Generator::from_state(&generator.state()).unwrap();
    assert_eq!(generator.randn(3), resumed.randn(3));
    assert!(Generator::from_state(&[0; 12]).is_none());
}
