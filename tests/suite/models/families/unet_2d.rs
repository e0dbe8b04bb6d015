//! `UNet2DModel`: DDPM's kind, the consistency models', and a folder as the oldest are published.

use candle_core::{DType, Device, Tensor};
use diffusion_lab::error::Error;
use diffusion_lab::files::Folder;
use diffusion_lab::models::unet_2d::{Unet2d, Unet2dConfig};
use diffusion_lab::weights::Weights;

use super::{Network, compare, go, half, reference, tolerance};
use crate::reference::{path, relative_difference};

fn load(network: &Network, dtype: DType, low_memory: bool) -> Unet2d {
    let config = Unet2dConfig::from_json(network.config.clone()).unwrap();
    let (_folder, weights) = network.weights();
    Unet2d::load(&config, &weights, &Device::Cpu, dtype, low_memory).unwrap()
}

#[test]
fn a_forward_is_diffusers_forward() {
    let reference = reference();
    for name in ["ddpm", "consistency", "consistency-without-norm", "plain"] {
        let classes: Option<&[usize]> = (name == "consistency").then_some(&[3, 7]);
        for low_memory in [false, true] {
            let unet = load(&Network::new(name), DType::F32, low_memory);
            for case in ["square", "wide"] {
                let get = |what: &str| reference.get(&format!("{name}.{case}.{what}"));
                let timestep = f64::from(get("timestep").to_scalar::<f32>().unwrap());
                let output = unet.forward(get("sample"), timestep, classes, &go).unwrap();
                compare(&reference, &format!("{name}.{case}"), "output", &output);
            }
        }
    }
}

#[test]
fn a_batch_is_its_rows() {
    let reference = reference();
    let unet = load(&Network::new("consistency"), DType::F32, false);
    let sample = reference.get("consistency.square.sample");
    let both = unet.forward(sample, 500.0, Some(&[3, 7]), &go).unwrap();
    for (row, class) in [3, 7].into_iter().enumerate() {
        let alone = unet.forward(&sample.narrow(0, row, 1).unwrap(), 500.0, Some(&[class]), &go).unwrap();
        assert_eq!(super::super::worst(&alone, &both.narrow(0, row, 1).unwrap()), 0.0, "row {row}");
    }
}

/// As google's: everything at the root of the folder, a pickle, attention under its old names.
#[test]
fn the_oldest_folders_are_read() {
    let reference = reference();
    let model = Folder::open(path("models/ddpm")).unwrap();
    let folder = Unet2d::folder(&model);
    let config = Unet2dConfig::open(&folder).unwrap();
    assert_eq!((config.sample_size, config.multiple()), (8, 2));
    let unet = Unet2d::load(&config, &Weights::open(&folder).unwrap(), &Device::Cpu, DType::F32, false).unwrap();
    let output = unet.forward(reference.get("ddpm-folder.sample"), 321.0, None, &go).unwrap();
    compare(&reference, "ddpm-folder", "output", &output);
}

/// Halves have 11 bits of mantissa, through some twenty layers.
#[test]
fn files_of_halves_are_near() {
    let reference = reference();
    let network = Network::new("ddpm");
    let folder = tempfile::tempdir().unwrap();
    let weights = Weights::open(&network.write(folder.path(), half)).unwrap();
    let config = Unet2dConfig::from_json(network.config.clone()).unwrap();
    let get = |what: &str| reference.get(&format!("ddpm.square.{what}"));
    let run = |dtype| {
        let unet = Unet2d::load(&config, &weights, &Device::Cpu, dtype, true).unwrap();
        unet.forward(get("sample"), 500.0, None, &go).unwrap()
    };
    let (kept, widened) = (run(DType::F16), run(DType::F32));
    assert!(relative_difference(&kept, &widened) <= tolerance());
    let difference = relative_difference(&kept, get("output"));
    assert!(difference > 0.0 && difference <= 5e-3, "{difference}");
}

#[test]
fn what_cannot_be_evaluated_is_refused_in_a_line() {
    let (ddpm, classes) = (Network::new("ddpm"), Network::new("consistency"));
    let (ddpm, classes) = (load(&ddpm, DType::F32, true), load(&classes, DType::F32, true));
    let zeros = |shape: &[usize]| Tensor::zeros(shape, DType::F32, &Device::Cpu).unwrap();
    let told = |unet: &Unet2d, shape: &[usize], classes: Option<&[usize]>| {
        unet.forward(&zeros(shape), 500.0, classes, &go).unwrap_err().to_string()
    };
    assert!(told(&ddpm, &[1, 3, 18, 16], None).contains("multiples of 4"));
    assert!(told(&ddpm, &[1, 4, 16, 16], None).contains("takes 3 channels, got 4"));
    assert!(told(&ddpm, &[1, 3, 16, 16], Some(&[1])).contains("takes no class"));
    assert!(told(&classes, &[1, 3, 16, 16], None).contains("wants a class"));
    assert!(told(&classes, &[1, 3, 16, 16], Some(&[10])).contains("no class 10; it is below 10"));
    assert!(told(&classes, &[2, 3, 16, 16], Some(&[1])).contains("2 pictures with 1 classes"));
    let stopped = || Err(Error::cancelled());
    assert!(ddpm.forward(&zeros(&[1, 3, 16, 16]), 500.0, None, &stopped).unwrap_err().is_cancelled());
}
