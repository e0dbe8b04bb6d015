//! Whole models in one file of the original layout.

use std::io::{Seek, Write};
use std::path::Path;

use candle_core::{DType, Device, Tensor};
use diffusion_lab::diffusion::samplers::Sampler;
use diffusion_lab::files::Folder;
use diffusion_lab::models::clip::{ClipTextConfig, ClipTextEncoder};
use diffusion_lab::models::stable_diffusion::{AutoencoderKl, ConditionalUnet, SingleFile, open_clip_weights};
use diffusion_lab::models::{ModelSpec, ModelSummary, open};
use diffusion_lab::weights::Weights;
use serde_json::{Value, json};

use super::{Network, compare, reference, table, write};
use crate::reference::path;

/// Names and shapes.
type Contents = Vec<(String, Vec<usize>)>;

/// A file of the true sizes that takes no room: a table of contents, and a hole in the place of numbers.
fn hollow(path: &Path, contents: &Contents) {
    let mut at = 0;
    let mut header = serde_json::Map::new();
    for (name, shape) in contents {
        let end = at + 2 * shape.iter().product::<usize>() as u64;
        header.insert(name.clone(), json!({ "dtype": "F16", "shape": shape, "data_offsets": [at, end] }));
        at = end;
    }
    let header = Value::Object(header).to_string();
    let mut file = std::fs::File::create(path).unwrap();
    file.write_all(&(header.len() as u64).to_le_bytes()).unwrap();
    file.write_all(header.as_bytes()).unwrap();
    let start = file.stream_position().unwrap();
    file.set_len(start + at).unwrap();
}

/// Stable Diffusion 1's UNet and autoencoder, as diffusers' converters know them.
fn part(kind: &str, prefix: &str) -> Contents {
    let sizes = |shape: &Value| shape.as_array().unwrap().iter().map(|size| size.as_u64().unwrap() as usize).collect();
    let entries = table("ldm-names.json");
    let entries = entries[kind].as_array().unwrap().iter();
    entries.map(|entry| (format!("{prefix}{}", entry[0].as_str().unwrap()), sizes(&entry[2]))).collect()
}

/// Of CLIP with a 768 wide text.
fn clip() -> Contents {
    let (d, wide) = (768, 3072);
    let at = "cond_stage_model.transformer.text_model.";
    let mut contents = vec![
        (format!("{at}embeddings.position_ids"), vec![1, 77]),
        (format!("{at}embeddings.token_embedding.weight"), vec![49408, d]),
        (format!("{at}embeddings.position_embedding.weight"), vec![77, d]),
    ];
    let mut map = |name: String, c_in: usize, c_out: usize| {
        contents.push((format!("{name}.weight"), vec![c_out, c_in]));
        contents.push((format!("{name}.bias"), vec![c_out]));
    };
    for layer in 0..12 {
        let layer = format!("{at}encoder.layers.{layer}");
        for name in ["q_proj", "k_proj", "v_proj", "out_proj"] {
            map(format!("{layer}.self_attn.{name}"), d, d);
        }
        map(format!("{layer}.mlp.fc1"), d, wide);
        map(format!("{layer}.mlp.fc2"), wide, d);
    }
    let norms = (0..12).flat_map(|layer| [1, 2].map(|n| format!("encoder.layers.{layer}.layer_norm{n}")));
    for name in norms.chain(["final_layer_norm".to_owned()]) {
        contents.push((format!("{at}{name}.weight"), vec![d]));
        contents.push((format!("{at}{name}.bias"), vec![d]));
    }
    contents
}

/// Of OpenCLIP with a 1024 wide text, its last layer included.
fn open_clip(prefix: &str) -> Contents {
    let (d, wide) = (1024, 4096);
    let mut contents = vec![
        (format!("{prefix}positional_embedding"), vec![77, d]),
        (format!("{prefix}token_embedding.weight"), vec![49408, d]),
        (format!("{prefix}text_projection"), vec![d, d]),
        (format!("{prefix}logit_scale"), vec![]),
        (format!("{prefix}ln_final.weight"), vec![d]),
        (format!("{prefix}ln_final.bias"), vec![d]),
    ];
    for layer in 0..24 {
        let mut add = |name: &str, shape: &[usize]| {
            contents.push((format!("{prefix}transformer.resblocks.{layer}.{name}"), shape.to_vec()));
        };
        for norm in ["ln_1", "ln_2"] {
            add(&format!("{norm}.weight"), &[d]);
            add(&format!("{norm}.bias"), &[d]);
        }
        add("attn.in_proj_weight", &[3 * d, d]);
        add("attn.in_proj_bias", &[3 * d]);
        add("attn.out_proj.weight", &[d, d]);
        add("attn.out_proj.bias", &[d]);
        add("mlp.c_fc.weight", &[wide, d]);
        add("mlp.c_fc.bias", &[wide]);
        add("mlp.c_proj.weight", &[d, wide]);
        add("mlp.c_proj.bias", &[d]);
    }
    contents
}

fn opened(contents: &Contents) -> diffusion_lab::error::Result<SingleFile> {
    let folder = tempfile::tempdir().unwrap();
    hollow(&folder.path().join("model.safetensors"), contents);
    SingleFile::of(&Folder::open(folder.path()).unwrap(), "model.safetensors")
}

fn fits(file: &SingleFile) {
    let (config, weights) = &file.unet;
    ConditionalUnet::load(config, &weights.checking(), &Device::Cpu, DType::F32, true).unwrap();
    let (config, weights) = file.autoencoder.as_ref().unwrap();
    AutoencoderKl::load(config, &weights.checking(), &Device::Cpu, DType::F32, true).unwrap();
    let (config, weights) = file.text_encoder.clone().unwrap();
    ClipTextEncoder::from_weights(config, weights.checking(), &Device::Cpu).unwrap();
}

#[test]
fn every_tensor_of_a_stable_diffusion_1_has_its_place() {
    let mut contents = part("unet", "model.diffusion_model.");
    let extra = [("alphas_cumprod", vec![1000]), ("model_ema.decay", vec![]), ("model_ema.num_updates", vec![])];
    contents.extend(extra.map(|(name, shape)| (name.to_owned(), shape)));
    let network_only = contents.clone();
    contents.extend(part("autoencoder", "first_stage_model."));
    contents.extend(clip());
    let file = opened(&contents).unwrap();
    fits(&file);
    assert_eq!(file.unet.0.heads, [8; 4]);
    assert_eq!(file.unet.0.down_attention, [true, true, true, false]);
    assert_eq!((file.unet.0.in_channels, file.unet.0.use_linear_projection), (4, false));
    let file = opened(&network_only).unwrap();
    assert!(file.autoencoder.is_none() && file.text_encoder.is_none());
}

#[test]
fn every_tensor_of_a_stable_diffusion_2_has_its_place() {
    let second = |(name, mut shape): (String, Vec<usize>)| {
        if name.contains("attn2.to_k") || name.contains("attn2.to_v") {
            shape[1] = 1024;
        }
        if name.ends_with("proj_in.weight") || name.ends_with("proj_out.weight") {
            shape.truncate(2);
        }
        (name, shape)
    };
    for prefix in ["cond_stage_model.model.", "conditioner.embedders.0.model."] {
        let mut contents: Contents = part("unet", "model.diffusion_model.").into_iter().map(second).collect();
        contents.extend(part("autoencoder", "first_stage_model."));
        contents.extend(open_clip(prefix));
        let file = opened(&contents).unwrap();
        fits(&file);
        assert_eq!(file.unet.0.heads, [5, 10, 20, 20]);
        assert!(file.unet.0.use_linear_projection);
    }
}

#[test]
fn relatives_are_refused_by_what_only_they_have() {
    for (name, told) in [
        ("conditioner.embedders.1.model.ln_final.weight", "Stable Diffusion XL"),
        ("model.diffusion_model.label_emb.0.0.weight", "Stable Diffusion XL"),
        ("model.diffusion_model.joint_blocks.0.x_block.attn.qkv.weight", "Stable Diffusion 3"),
        ("double_blocks.0.img_attn.qkv.weight", "Flux"),
        ("model.layers.0.weight", "no Stable Diffusion: there is no model.diffusion_model.input_blocks.0.0.weight"),
    ] {
        let line = opened(&vec![(name.to_owned(), vec![8, 8])]).unwrap_err().to_string();
        assert!(line.contains(told) && line.contains("model.safetensors"), "{name}: {line}");
    }
}

/// OpenCLIP's layout, with q, k and v stacked and one layer too many, gives the states of transformers'.
#[test]
fn open_clips_tensors_are_cut_and_named() {
    let reference = reference();
    let network = Network::new("clip-gelu");
    let get = |name: &str| network.tensors.iter().find(|(known, _)| known.ends_with(name)).unwrap().1.clone();
    let mut tensors = vec![
        ("token_embedding.weight".to_owned(), get("token_embedding.weight")),
        ("positional_embedding".to_owned(), get("position_embedding.weight")),
        ("ln_final.weight".to_owned(), get("final_layer_norm.weight")),
        ("ln_final.bias".to_owned(), get("final_layer_norm.bias")),
    ];
    for layer in 0..3 {
        for kind in ["weight", "bias"] {
            let of = |name: &str| get(&format!("layers.{layer}.{name}.{kind}"));
            let parts = ["q", "k", "v"].map(|part| of(&format!("self_attn.{part}_proj")));
            let mut add = |name: &str, tensor: Tensor| {
                tensors.push((format!("transformer.resblocks.{layer}.{name}"), tensor));
            };
            add(&format!("attn.in_proj_{kind}"), Tensor::cat(&parts, 0).unwrap());
            add(&format!("attn.out_proj.{kind}"), of("self_attn.out_proj"));
            add(&format!("ln_1.{kind}"), of("layer_norm1"));
            add(&format!("ln_2.{kind}"), of("layer_norm2"));
            add(&format!("mlp.c_fc.{kind}"), of("mlp.fc1"));
            add(&format!("mlp.c_proj.{kind}"), of("mlp.fc2"));
        }
    }
    tensors.push(("transformer.resblocks.3.ln_1.weight".to_owned(), get("final_layer_norm.weight")));
    let tensors: Vec<_> = tensors.into_iter().map(|(name, tensor)| (format!("text.{name}"), tensor)).collect();
    let folder = tempfile::tempdir().unwrap();
    write(&folder.path().join("model.safetensors"), &tensors);
    std::fs::write(folder.path().join("config.json"), network.config.to_string()).unwrap();
    let folder = Folder::open(folder.path()).unwrap();
    let weights = open_clip_weights(&Weights::open(&folder).unwrap(), "text.", 3);
    let encoder = ClipTextEncoder::from_weights(ClipTextConfig::open(&folder).unwrap(), weights, &Device::Cpu).unwrap();
    let ids = reference.get("clip-gelu.input_ids").to_vec2::<i64>().unwrap();
    let prompts: Vec<_> = ids
        .into_iter()
        .map(|row| {
            let ids: Vec<u32> = row.into_iter().map(|id| id as u32).collect();
            diffusion_lab::models::t5::Tokens { mask: vec![1; 77], len: 77, cut: None, ids }
        })
        .collect();
    compare(&reference, "clip-gelu", "last_hidden_state", &encoder.encode_all(&prompts, &mut |_, _| Ok(())).unwrap());
}

/// A file is a model by its path: what is known of it, and what it lacks.
#[test]
fn a_file_is_a_model() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("model.safetensors");
    let mut contents = part("unet", "model.diffusion_model.");
    contents.extend(part("autoencoder", "first_stage_model."));
    contents.extend(clip());
    hollow(&file, &contents);
    let name = file.display().to_string();
    let sampler = || ModelSummary::at(&name, "auto").unwrap().stage_1().unwrap().config.sampler;
    let summary = ModelSummary::at(&name, "auto").unwrap();
    let stage = summary.stage_1().unwrap();
    assert_eq!((stage.sample_size, stage.space.channels, sampler()), (512, 4, Sampler::Pndm));
    // What lies beside it says which scheduler it has.
    let euler = json!({ "_class_name": "EulerDiscreteScheduler", "timestep_spacing": "trailing" });
    std::fs::write(folder.path().join("scheduler_config.json"), euler.to_string()).unwrap();
    assert_eq!(sampler(), Sampler::Euler);
    let spec = ModelSpec {
        model: name,
        stage_2: "auto".to_owned(),
        text_encoder: "auto".to_owned(),
        dtype: DType::F16,
        low_memory: true,
        second_alone: false,
    };
    let opened = || open(&spec, &Device::Cpu, &mut |_| Ok(())).map(|_| ()).map_err(|error| error.to_string());
    let line = opened().unwrap_err();
    assert!(line.contains("no tokenizer") && line.contains("merges.txt"), "{line}");
    for file in ["vocab.json", "merges.txt"] {
        std::fs::copy(path("models/clip-1").join(file), folder.path().join(file)).unwrap();
    }
    opened().unwrap();
    let half = folder.path().join("half.safetensors");
    hollow(&half, &part("unet", "model.diffusion_model."));
    let line = ModelSummary::at(half.to_str().unwrap(), "auto").unwrap_err().to_string();
    assert!(line.contains("without its autoencoder") && !line.contains('\n'), "{line}");
}
