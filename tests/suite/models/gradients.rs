//! A whole network of DeepFloyd's shape, trained for one step: its loss and the gradient of every weight are PyTorch's.

use candle_core::{Device, Tensor};
use diffusion_lab::error::Result;
use diffusion_lab::models::deepfloyd::{Unet, UnetConfig};
use diffusion_lab::tensors::layers::backward;
use diffusion_lab::weights::Weights;

use super::model;
use crate::reference::{Reference, difference, floats};

/// Of a gradient's largest entry, or of a hundredth of the largest of all where it is smaller: sums in another order,
/// forward and back through some fifty layers. Measured: 3e-6.
const GRADIENT: f32 = 2e-5;

fn go() -> Result<()> {
    Ok(())
}

fn largest(tensor: &Tensor) -> f32 {
    floats(tensor).iter().fold(0.0, |largest, value| largest.max(value.abs()))
}

fn opened(name: &str) -> (UnetConfig, Weights) {
    let folder = model(name).subfolder("unet").unwrap();
    (UnetConfig::open(&folder).unwrap(), Weights::open(&folder).unwrap())
}

#[test]
fn one_step_is_pytorchs() {
    let reference = Reference::open("gradients.safetensors");
    let (config, weights) = opened("narrow");
    let (unet, variables) = Unet::load_for_training(&config, &weights).unwrap();
    let text = unet.text(reference.get("unet.text")).unwrap();
    let said = unet.forward(reference.get("unet.x"), 500, None, &text, &go).unwrap();
    let loss = (said - reference.get("unet.target")).unwrap().sqr().unwrap().mean_all().unwrap();
    let off = difference(&loss, reference.get("unet.loss"));
    assert!(off <= 2e-6, "loss off by {off}");
    let gradients = backward(&loss).unwrap();
    let prefix = "unet.gradient.";
    let names = reference.names();
    let right: Vec<&str> = names.iter().filter_map(|name| name.strip_prefix(prefix)).collect();
    let all = right.iter().map(|name| largest(reference.get(&format!("{prefix}{name}")))).fold(0.0, f32::max);
    let (mut held, mut most) = (0, (0.0, String::new()));
    for (name, var) in variables.list() {
        let theirs = reference.get(&format!("{prefix}{name}"));
        let ours = gradients.get(var.as_tensor()).unwrap_or_else(|| panic!("{name} has no gradient"));
        let off = difference(ours, theirs) / largest(theirs).max(1e-2 * all);
        if off > most.0 {
            most = (off, name.clone());
        }
        assert!(off <= GRADIENT, "gradient of {name} off by {off:.1e}");
        held += 1;
        if names.contains(&format!("unet.wrong.{name}").as_str()) {
            let wrong = reference.get(&format!("unet.wrong.{name}"));
            let off = difference(ours, wrong) / largest(wrong);
            assert!(off > 100.0 * GRADIENT, "{name}: both pictures are told the first prompt: {off}");
        }
    }
    eprintln!("{held} gradients, the farthest {:.1e} of {}", most.0, most.1);
    assert_eq!(held, right.len());
}

/// The same layers with and without a record: what is trained is what is drawn, whatever its sampler, stage and norms.
#[test]
fn training_says_what_drawing_says() {
    for name in ["narrow", "narrow/stage-2", "deep", "sharded", "pickled"] {
        let (config, weights) = opened(name);
        let drawn = Unet::load(&config, &weights, &Device::Cpu, candle_core::DType::F32, false).unwrap();
        let (trained, variables) = Unet::load_for_training(&config, &weights).unwrap();
        let randn = |seed, shape: &[usize]| {
            diffusion_lab::tensors::Generator::new(seed).randn_tensor(shape, &Device::Cpu).unwrap()
        };
        let x = randn(1, &[2, config.in_channels, 16, 16]);
        let embeds = randn(2, &[2, 7, config.encoder_hid_dim]);
        let say = |unet: &Unet| {
            let level = config.noise_level.then_some(250);
            unet.forward(&x, 300, level, &unet.text(&embeds).unwrap(), &go).unwrap()
        };
        let recorded = say(&trained);
        let worst = difference(&recorded.detach(), &say(&drawn));
        assert!(worst <= 2e-5, "{name}: {worst:.1e}");
        let gradients = backward(&recorded.sqr().unwrap().mean_all().unwrap()).unwrap();
        for (name, var) in variables.list() {
            let gradient = gradients.get(var.as_tensor()).unwrap_or_else(|| panic!("{name} has no gradient"));
            assert!(floats(gradient).iter().all(|value| value.is_finite()), "{name}");
        }
    }
}
