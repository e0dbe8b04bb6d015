//! Both autoencoders of Stable Diffusion, under new and old names.

use candle_core::{DType, Device, Tensor};
use diffusion_lab::models::stable_diffusion::{AutoencoderKl, AutoencoderKlConfig, AutoencoderTiny};
use diffusion_lab::weights::Weights;

use super::{Network, compare, go, reference, same};
use crate::reference::relative_difference;

fn load(network: &Network, change: impl Fn(&str, &Tensor) -> (String, Tensor)) -> AutoencoderKl {
    let config = AutoencoderKlConfig::from_json(network.config.clone()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let weights = Weights::open(&network.write(folder.path(), change)).unwrap();
    AutoencoderKl::load(&config, &weights, &Device::Cpu, DType::F32, false).unwrap()
}

/// As files from before 2023: other names in attention, whose matrices pass for 1×1 convolutions.
fn old(name: &str, tensor: &Tensor) -> (String, Tensor) {
    if !name.contains("attentions") {
        return same(name, tensor);
    }
    let mut name = name.to_owned();
    for (new, old) in [("to_q", "query"), ("to_k", "key"), ("to_v", "value"), ("to_out.0", "proj_attn")] {
        name = name.replace(new, old);
    }
    let tensor = match tensor.dims() {
        [c_out, c_in] => tensor.reshape((*c_out, *c_in, 1, 1)).unwrap(),
        _ => tensor.clone(),
    };
    (name, tensor)
}

#[test]
fn pictures_and_latents_are_diffusers() {
    let reference = reference();
    let network = Network::new("autoencoder-kl");
    let get = |what: &str| reference.get(&format!("autoencoder-kl.{what}"));
    for vae in [load(&network, same), load(&network, old)] {
        let encoded = vae.encode(get("pictures"), &go).unwrap();
        compare(&reference, "autoencoder-kl", "mean", &encoded.mean);
        compare(&reference, "autoencoder-kl", "std", &encoded.std);
        compare(&reference, "autoencoder-kl", "decoded", &vae.decode(get("latents"), &go).unwrap());
        let noise = Tensor::ones(encoded.mean.shape(), DType::F32, &Device::Cpu).unwrap();
        let sample = encoded.sample(&noise).unwrap();
        assert_eq!(relative_difference(&sample, &(&encoded.mean + &encoded.std).unwrap()), 0.0);
    }
}

#[test]
fn tiny_ones_are_diffusers() {
    let reference = reference();
    let network = Network::new("autoencoder-tiny");
    let get = |what: &str| reference.get(&format!("autoencoder-tiny.{what}"));
    let folder = tempfile::tempdir().unwrap();
    let folder = network.write(folder.path(), same);
    AutoencoderTiny::check_config(&folder).unwrap();
    for low_memory in [false, true] {
        let weights = Weights::open(&folder).unwrap();
        let tiny = AutoencoderTiny::load(&weights, &Device::Cpu, DType::F32, low_memory).unwrap();
        compare(&reference, "autoencoder-tiny", "encoded", &tiny.encode(get("pictures")).unwrap());
        compare(&reference, "autoencoder-tiny", "decoded", &tiny.decode(get("latents")).unwrap());
    }
}

#[test]
fn what_cannot_be_coded_is_refused_in_a_line() {
    let vae = load(&Network::new("autoencoder-kl"), same);
    let zeros = |shape: &[usize]| Tensor::zeros(shape, DType::F32, &Device::Cpu).unwrap();
    let encoded = |shape: &[usize]| vae.encode(&zeros(shape), &go).unwrap_err().to_string();
    assert!(encoded(&[1, 3, 24, 42]).contains("a picture of 42×24"));
    assert!(encoded(&[1, 1, 24, 40]).contains("takes 3 channels, got 1"));
    let decoded = vae.decode(&zeros(&[1, 3, 8, 8]), &go).unwrap_err().to_string();
    assert!(decoded.contains("latents of 4 channels, got 3"));
}
