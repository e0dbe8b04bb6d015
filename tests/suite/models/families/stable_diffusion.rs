//! The conditional UNet of Stable Diffusion 1 and 2, of LCM, and one without a middle.

use candle_core::{DType, Device, Tensor};
use diffusion_lab::files::Folder;
use diffusion_lab::models::stable_diffusion::{ConditionalUnet, ConditionalUnetConfig};
use diffusion_lab::weights::Weights;

use super::{Network, compare, go, half, reference, same, tolerance, write};
use crate::reference::relative_difference;

const GUIDANCE_SCALE: f64 = 8.5;

fn load(network: &Network, low_memory: bool) -> ConditionalUnet {
    let config = ConditionalUnetConfig::from_json(network.config.clone()).unwrap();
    let (_folder, weights) = network.weights();
    ConditionalUnet::load(&config, &weights, &Device::Cpu, DType::F32, low_memory).unwrap()
}

#[test]
fn a_forward_is_diffusers_forward() {
    let reference = reference();
    let embeds = reference.get("conditional.encoder_hidden_states");
    for name in ["conditional-1", "conditional-2", "conditional-without-middle", "conditional-lcm"] {
        let guidance_scale = (name == "conditional-lcm").then_some(GUIDANCE_SCALE);
        for low_memory in [false, true] {
            let unet = load(&Network::new(name), low_memory);
            let text = unet.text(embeds).unwrap();
            // Of the odd ones, 18×14, levels are 9×7 and 5×4 large.
            for case in ["square", "odd"] {
                let get = |what: &str| reference.get(&format!("{name}.{case}.{what}"));
                let timestep = f64::from(get("timestep").to_scalar::<f32>().unwrap());
                let output = unet.forward(get("sample"), timestep, &text, guidance_scale, &go).unwrap();
                compare(&reference, &format!("{name}.{case}"), "output", &output);
            }
        }
    }
}

#[test]
fn a_batch_is_its_rows() {
    let reference = reference();
    let unet = load(&Network::new("conditional-2"), false);
    let text = unet.text(reference.get("conditional.encoder_hidden_states")).unwrap();
    let sample = reference.get("conditional-2.odd.sample");
    let both = unet.forward(sample, 250.5, &text, None, &go).unwrap();
    for row in 0..2 {
        let (x, text) = (sample.narrow(0, row, 1).unwrap(), text.rows(&[row]).unwrap());
        let alone = unet.forward(&x, 250.5, &text, None, &go).unwrap();
        assert_eq!(super::super::worst(&alone, &both.narrow(0, row, 1).unwrap()), 0.0, "row {row}");
    }
    assert!(text.rows(&[2]).is_err());
}

/// The same network in three files with an index, and in halves.
#[test]
fn shards_and_halves_are_the_same_network() {
    let reference = reference();
    let network = Network::new("conditional-1");
    let config = ConditionalUnetConfig::from_json(network.config.clone()).unwrap();
    let get = |what: &str| reference.get(&format!("conditional-1.square.{what}"));
    let run = |folder: &Folder, dtype| {
        let weights = Weights::open(folder).unwrap();
        let unet = ConditionalUnet::load(&config, &weights, &Device::Cpu, dtype, true).unwrap();
        let text = unet.text(reference.get("conditional.encoder_hidden_states")).unwrap();
        unet.forward(get("sample"), 999.0, &text, None, &go).unwrap()
    };
    let folder = tempfile::tempdir().unwrap();
    let mut map = serde_json::Map::new();
    for (number, tensors) in network.tensors.chunks(network.tensors.len().div_ceil(3)).enumerate() {
        let name = format!("diffusion_pytorch_model-{:05}-of-00003.safetensors", number + 1);
        map.extend(tensors.iter().map(|(tensor, _)| (tensor.clone(), name.clone().into())));
        write(&folder.path().join(&name), tensors);
    }
    let index = serde_json::json!({ "weight_map": map });
    std::fs::write(folder.path().join("diffusion_pytorch_model.safetensors.index.json"), index.to_string()).unwrap();
    compare(&reference, "conditional-1.square", "output", &run(&Folder::open(folder.path()).unwrap(), DType::F32));

    let folder = tempfile::tempdir().unwrap();
    let folder = network.write(folder.path(), half);
    let (kept, widened) = (run(&folder, DType::F16), run(&folder, DType::F32));
    assert!(relative_difference(&kept, &widened) <= tolerance());
    let difference = relative_difference(&kept, get("output"));
    assert!(difference > 0.0 && difference <= 5e-3, "{difference}");
}

#[test]
fn what_cannot_be_evaluated_is_refused_in_a_line() {
    let reference = reference();
    let embeds = reference.get("conditional.encoder_hidden_states");
    let (plain, lcm) = (load(&Network::new("conditional-1"), true), load(&Network::new("conditional-lcm"), true));
    let zeros = |shape: &[usize]| Tensor::zeros(shape, DType::F32, &Device::Cpu).unwrap();
    let told = |unet: &ConditionalUnet, shape: &[usize], guidance_scale| {
        let text = unet.text(embeds).unwrap();
        unet.forward(&zeros(shape), 500.0, &text, guidance_scale, &go).unwrap_err().to_string()
    };
    assert!(told(&plain, &[2, 3, 16, 16], None).contains("takes 4 channels, got 3"));
    assert!(told(&plain, &[2, 4, 16, 7], None).contains("at least 8, 64 pixels"));
    assert!(told(&plain, &[1, 4, 16, 16], None).contains("1 pictures with 2 prompts"));
    assert!(told(&plain, &[2, 4, 16, 16], Some(7.5)).contains("takes no embedding of the guidance scale"));
    assert!(told(&lcm, &[2, 4, 16, 16], None).contains("wants an embedding of the guidance scale"));
    assert!(plain.text(&zeros(&[1, 77, 768])).unwrap_err().to_string().contains("768 wide, this model takes 24"));
}

/// A tensor that is missing and one that is too much are both named.
#[test]
fn weights_of_another_network_are_told_by_name() {
    let network = Network::new("conditional-1");
    let config = ConditionalUnetConfig::from_json(network.config.clone()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let moved = |name: &str, tensor: &Tensor| same(&name.replace("attn2.to_q", "attn2.to_p"), tensor);
    let weights = Weights::open(&network.write(folder.path(), moved)).unwrap();
    let line = ConditionalUnet::load(&config, &weights, &Device::Cpu, DType::F32, true).unwrap_err().to_string();
    assert!(line.contains("missing: ") && line.contains("attn2.to_q.weight") && line.contains("attn2.to_p.weight"));
}
