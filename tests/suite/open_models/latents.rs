//! Stable Diffusion and LCM: runs of small pipelines held to diffusers', pictures through their autoencoder, every experiment
//! in latents, single files, previews, and what is refused.

use std::path::{Path, PathBuf};

use candle_core::{DType, Device, Tensor};
use diffusion_lab::experiments::{Recipe, Source, find, recipe_from_bytes};
use diffusion_lab::models::{Model, ModelSpec, ModelSummary, Space, open};
use image::{Rgb, RgbImage};
use serde_json::{Value, json};

use super::{compare, reference, table, x_t};
use crate::cli::{lab, refuses, stderr};
use crate::models::families::{Network, same, write};
use crate::reference::{difference, floats, path, relative_difference};
use crate::running::{run, tensors};

/// Files of `from` copied to `into`.
fn copied(from: &Path, into: &Path) {
    std::fs::create_dir_all(into).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let from = entry.unwrap().path();
        std::fs::copy(&from, into.join(from.file_name().unwrap())).unwrap();
    }
}

fn component(folder: &Path, name: &str, network: &str, file: &str) {
    let into = folder.join(name);
    std::fs::create_dir_all(&into).unwrap();
    let network = Network::of("pipelines.json", network);
    network.write(&into, same);
    if file != "diffusion_pytorch_model.safetensors" {
        std::fs::rename(into.join("diffusion_pytorch_model.safetensors"), into.join(file)).unwrap();
    }
}

/// The reference's pipeline with the scheduler called `scheduler`, in `into`.
fn pipeline(into: &Path, scheduler: &str) -> PathBuf {
    let lcm = scheduler.starts_with("lcm");
    component(into, "unet", if lcm { "latent-lcm" } else { "latent-unet" }, "diffusion_pytorch_model.safetensors");
    component(into, "vae", "latent-vae", "diffusion_pytorch_model.safetensors");
    component(into, "text_encoder", "latent-text", "model.safetensors");
    copied(&path("models/clip-1"), &into.join("tokenizer"));
    std::fs::create_dir_all(into.join("scheduler")).unwrap();
    let config = table("schedulers")[scheduler]["config"].to_string();
    std::fs::write(into.join("scheduler/scheduler_config.json"), config).unwrap();
    let class = if lcm { "LatentConsistencyModelPipeline" } else { "StableDiffusionPipeline" };
    std::fs::write(into.join("model_index.json"), json!({ "_class_name": class }).to_string()).unwrap();
    into.to_owned()
}

/// A recipe of `keys` on the model in `model`.
fn recipe(model: &Path, keys: Value) -> Recipe {
    let mut all = json!({
        "experiment": "sample", "model": model, "prompt": ["a rocket ship"], "guidance": [3.0], "steps": [5], "seed": [180],
    });
    all.as_object_mut().unwrap().extend(keys.as_object().unwrap().clone());
    let experiment = find(all["experiment"].as_str().unwrap()).unwrap();
    all.as_object_mut().unwrap().retain(|key, _| key == "experiment" || experiment.reads(key));
    Recipe::from_json(all.as_object().unwrap()).unwrap()
}

fn loaded(model: &Path) -> Box<dyn Model> {
    let spec = ModelSpec {
        model: model.display().to_string(),
        stage_2: "auto".to_owned(),
        text_encoder: "auto".to_owned(),
        dtype: DType::F32,
        low_memory: false,
        second_alone: false,
    };
    open(&spec, &Device::Cpu, &mut |_| Ok(())).unwrap()
}

/// [h, w, 3] of bytes as a picture.
fn picture_of(tensor: &Tensor) -> RgbImage {
    let (h, w, _) = tensor.dims3().unwrap();
    let bytes = tensor.flatten_all().unwrap().to_vec1::<u8>().unwrap();
    RgbImage::from_raw(w as u32, h as u32, bytes).unwrap()
}

fn pixels(folder: &Path, name: &str) -> RgbImage {
    image::open(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}")).to_rgb8()
}

#[test]
fn every_schedulers_run_is_the_pipelines() {
    let reference = reference();
    for (name, known) in table("schedulers").as_object().unwrap() {
        let folder = tempfile::tempdir().unwrap();
        let model = pipeline(&folder.path().join("model"), name);
        let guidance = match name.as_str() {
            lcm if lcm.starts_with("lcm") => 8.5,
            "euler-once" => 1.0,
            _ => 3.0,
        };
        let out = folder.path().join("out");
        run(recipe(&model, json!({ "guidance": [guidance], "steps": [known["steps"]] })), &out);
        compare(&reference, &format!("latent.{name}"), x_t(&tensors(&out, "trajectory.safetensors")));
        let made = pixels(&out, "sample-000.png");
        assert_eq!(made.dimensions(), (64, 64));
        let Some(wanted) = reference.names().into_iter().find(|key| *key == format!("latent.{name}.picture")) else {
            continue;
        };
        // 0 to 1, of which a byte is one of 255 steps.
        let wanted = floats(&reference.get(wanted).permute((1, 2, 0)).unwrap());
        let off = made.as_raw().iter().zip(wanted).map(|(ours, wanted)| (f32::from(*ours) / 255.0 - wanted).abs());
        assert!(off.fold(0.0, f32::max) <= 0.6 / 255.0 + 1e-4, "{name}");
    }
}

/// The picture's latents are their distribution's mean; the run from them is diffusers'.
#[test]
fn a_picture_is_edited_in_latents() {
    let (reference, folder) = (reference(), tempfile::tempdir().unwrap());
    let model = pipeline(&folder.path().join("model"), "ddim-v");
    let picture = picture_of(reference.get("edit.picture"));
    let loaded = loaded(&model);
    let codec = loaded.codec(loaded.summary().stage_1().unwrap());
    let latents = codec.encode(&picture, &Device::Cpu).unwrap();
    let delta = relative_difference(&latents, reference.get("edit.latents"));
    assert!(delta <= 2e-5, "{delta}");
    assert!(relative_difference(&latents, reference.get("edit.sampled")) > 6e-5, "a sample passes for the mean");
    let keys = json!({ "experiment": "edit", "i_start": [2], "stepping": "scheduler" });
    let edit = recipe(&model, keys).with(|recipe| recipe.source.image = Some(Source::Held(picture.into())));
    run(edit, &folder.path().join("out"));
    compare(&reference, "edit", x_t(&tensors(&folder.path().join("out"), "trajectory.safetensors")));
}

#[test]
fn what_is_known_of_it_is_told_without_weights() {
    let folder = tempfile::tempdir().unwrap();
    for (scheduler, wanted) in [("pndm", (7.5, 20)), ("lcm", (8.5, 4)), ("euler-trailing", (1.0, 1))] {
        let model = pipeline(&folder.path().join(scheduler), scheduler);
        for part in ["unet", "vae"] {
            std::fs::remove_file(model.join(part).join("diffusion_pytorch_model.safetensors")).unwrap();
        }
        let summary = ModelSummary::at(model.to_str().unwrap(), "auto").unwrap();
        let stage = summary.stage_1().unwrap();
        assert_eq!((stage.space, stage.sample_size), (Space { channels: 4, height: 8, width: 8 }, 64));
        let recommended = &summary.recommendations.stage_1;
        assert_eq!((recommended.guidance.unwrap(), recommended.steps.unwrap()), wanted, "{scheduler}");
        assert_eq!(stage.asked_once, scheduler == "lcm");
    }
}

/// Of each experiment what it makes in latents: pictures of 64 pixels, tensors of 8, and the same again from its PNG.
#[test]
fn every_experiment_runs_in_latents() {
    let folder = tempfile::tempdir().unwrap();
    let model = pipeline(&folder.path().join("model"), "ddim-v");
    let source = RgbImage::from_fn(64, 64, |x, y| Rgb([(x * 4) as u8, (y * 4) as u8, 120]));
    let mask = RgbImage::from_fn(64, 64, |_, y| Rgb([if y < 32 { 0 } else { 255 }; 3]));
    for (number, (verb, keys)) in [
        ("sample", json!({ "count": 2 })),
        ("sample", json!({ "sampler": "dpm-solver-pp-2m", "negative": "blurry" })),
        ("forward", json!({ "t": [500] })),
        ("denoise", json!({ "i_start": [2], "stepping": "scheduler" })),
        ("edit", json!({ "i_start": [1, 3] })),
        ("inpaint", json!({})),
        ("inpaint", json!({ "inpaint_mode": "diffusers", "stepping": "scheduler" })),
        ("anagram", json!({ "prompt": ["a rocket ship", "a hat"], "view": ["identity", "rotate_180"] })),
        ("hybrid", json!({ "prompt": ["a ship", "a hat"], "decomposition": "low_high:kernel=5,sigma=1" })),
        ("hybrid", json!({ "hold": "low", "decomposition": "low_high:kernel=5,sigma=1" })),
    ]
    .into_iter()
    .enumerate()
    {
        let out = folder.path().join(number.to_string());
        let mut all = json!({ "experiment": verb });
        all.as_object_mut().unwrap().extend(keys.as_object().unwrap().clone());
        let mut recipe = recipe(&model, all);
        let starts = ["forward", "denoise", "edit", "inpaint"].contains(&verb) || recipe.parts.hold.is_some();
        recipe.source.image = starts.then(|| Source::Held(source.clone().into()));
        recipe.inpainting.mask = (verb == "inpaint").then(|| Source::Held(mask.clone().into()));
        run(recipe, &out);
        let name = format!("{verb}-000.png");
        let made = pixels(&out, &name);
        assert_eq!(made.dimensions(), (64, 64), "{verb} {keys}");
        let recorded = ["trajectory.safetensors", "trajectory-000.safetensors"];
        let recorded = recorded.into_iter().find(|name| out.join(name).is_file()).unwrap();
        assert_eq!(tensors(&out, recorded)["x_t"].dims()[2..], [4, 8, 8], "{verb} {keys}");
        if verb == "inpaint" {
            let half = 32 * 64 * 3;
            assert!(made.as_raw()[..half] == source.as_raw()[..half], "{keys}: the kept half changed");
            assert!(made.as_raw()[half..] != source.as_raw()[half..], "{keys}: nothing is new");
        }
        let carried = recipe_from_bytes(&std::fs::read(out.join(&name)).unwrap(), None).unwrap().trusted();
        run(carried, &out.join("again"));
        assert!(pixels(&out.join("again"), &name) == made, "{verb} {keys}: not made again");
    }
}

/// A tiny autoencoder in the model's folder makes the previews; without one, fewer latents do.
#[test]
fn previews_are_quick_and_of_full_size() {
    let folder = tempfile::tempdir().unwrap();
    let model = pipeline(&folder.path().join("model"), "ddim");
    let latents = Tensor::randn(0.0_f32, 1.0, (1, 4, 16, 16), &Device::Cpu).unwrap();
    let previewed = |model: &Path| {
        let loaded = loaded(model);
        let codec = loaded.codec(loaded.summary().stage_1().unwrap());
        (codec.preview(&latents).unwrap().remove(0), codec.decode(&latents).unwrap().remove(0))
    };
    let (pooled, whole) = previewed(&model);
    assert_eq!((pooled.dimensions(), whole.dimensions()), ((128, 128), (128, 128)));
    assert!(pooled != whole);
    let tiny = model.join("taesd");
    std::fs::create_dir_all(&tiny).unwrap();
    Network::of("families.json", "autoencoder-tiny").write(&tiny, same);
    let (quick, again) = previewed(&model);
    assert!(quick != pooled && quick.dimensions() == (128, 128) && again == whole);
}

/// What a person gets wrong: parts of two models, a part too few, another kind of model, numbers that are none.
#[test]
fn what_is_wrong_is_said_in_a_line() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out").display().to_string();
    let refused = |name: &str, change: &dyn Fn(&Path), code: i32, wanted: &[&str]| {
        let model = pipeline(&folder.path().join(name), "ddim");
        change(&model);
        refuses(&["sample", "--model", &model.display().to_string(), "--steps", "2", "--out", &out], code, wanted);
    };
    let index = |class: &'static str| {
        move |model: &Path| {
            std::fs::write(model.join("model_index.json"), json!({ "_class_name": class }).to_string()).unwrap();
        }
    };
    let set = |file: &'static str, key: &'static str, value: Value| {
        move |model: &Path| {
            let file = model.join(file);
            let mut json: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
            json[key] = value.clone();
            std::fs::write(file, json.to_string()).unwrap();
        }
    };
    let without = |part: &'static str| move |model: &Path| std::fs::remove_dir_all(model.join(part)).unwrap();
    refused("xl", &index("StableDiffusionXLPipeline"), 1, &["this is Stable Diffusion XL", "not supported"]);
    refused("flux", &index("FluxPipeline"), 1, &["this is Flux"]);
    for part in ["vae", "text_encoder", "tokenizer", "scheduler"] {
        refused(part, &without(part), 1, &[&format!("no {part} folder")]);
    }
    let inpainting = set("unet/config.json", "in_channels", json!(9));
    refused("inpainting", &inpainting, 1, &["inpainting model", "in_channels 4"]);
    refused("latents", &set("vae/config.json", "latent_channels", json!(8)), 1, &["latents have 8"]);
    refused("text", &set("unet/config.json", "cross_attention_dim", json!(24)), 1, &["attn2"]);
    let nan = |model: &Path| {
        let network = Network::of("pipelines.json", "latent-vae");
        network.write(&model.join("vae"), |name, tensor| {
            let broken = name == "decoder.conv_out.bias";
            (name.to_owned(), if broken { (tensor * f64::NAN).unwrap() } else { tensor.clone() })
        });
    };
    refused("nan", &nan, 1, &["NaN", "vae"]);
    let model = pipeline(&folder.path().join("flags"), "ddim").display().to_string();
    let flags = |more: &[&str], wanted: &[&str]| {
        let given = [&["sample", "--model", &model, "--out", &out], more].concat();
        refuses(&given, 2, wanted);
    };
    flags(&["--stage-2", "built-in"], &["stage II follows"]);
    flags(&["--steps", "1001"], &["1001"]);
    let lcm = pipeline(&folder.path().join("lcm"), "lcm").display().to_string();
    refuses(&["sample", "--model", &lcm, "--steps", "51", "--out", &out], 2, &["from 1 to 50"]);
    let single = folder.path().join("single.safetensors");
    write(&single, &[("joint_blocks.0.x".to_owned(), Tensor::zeros(1, DType::F32, &Device::Cpu).unwrap())]);
    refuses(&["sample", "--model", &single.display().to_string(), "--out", &out], 1, &["this is Stable Diffusion 3"]);
}

/// Weights in halves are near.
#[test]
fn halves_are_near() {
    let folder = tempfile::tempdir().unwrap();
    let model = pipeline(&folder.path().join("model"), "ddim-v");
    let x_0 = |dtype: &str| {
        let out = folder.path().join(dtype);
        run(recipe(&model, json!({ "dtype": dtype })), &out);
        let tensors = tensors(&out, "trajectory.safetensors");
        x_t(&tensors).get(5).unwrap()
    };
    let off = difference(&x_0("f16"), &x_0("f32"));
    assert!(off > 0.0 && off <= 2e-2, "{off}");
}

/// Prompts encoded beforehand stand in for the text encoder, and a folder says what it is.
#[test]
fn it_is_encoded_and_inspected() {
    let folder = tempfile::tempdir().unwrap();
    let model = pipeline(&folder.path().join("model"), "ddim-v");
    let (name, file) = (model.display().to_string(), folder.path().join("e.safetensors").display().to_string());
    let given = ["encode", "--model", &name, "--prompt", "a rocket ship", "--prompt", "", "--out", &file];
    let output = lab(&given);
    assert!(output.status.success(), "{}", stderr(&output));
    run(recipe(&model, json!({})), &folder.path().join("own"));
    run(recipe(&model, json!({ "embeddings": file })), &folder.path().join("read"));
    assert!(
        pixels(&folder.path().join("own"), "sample-000.png") == pixels(&folder.path().join("read"), "sample-000.png")
    );
    let facts = |name: &str| -> Value { serde_json::from_slice(&lab(&["inspect", name, "--json"]).stdout).unwrap() };
    let told = facts(&name);
    assert_eq!(
        (&told["network"], &told["sample_size"], &told["missing"]),
        (&json!("Stable Diffusion"), &json!(64), &json!("nothing"))
    );
    assert_eq!((&told["scheduler"], &told["space"]), (&json!("ddim"), &json!("4 × 8 × 8")));
    std::fs::remove_file(model.join("vae/diffusion_pytorch_model.safetensors")).unwrap();
    assert!(facts(&name)["missing"][0].as_str().unwrap().contains("no weights"), "{}", facts(&name));
    let pixels = path("models/ddpm").display().to_string();
    assert_eq!((&facts(&pixels)["network"], &facts(&pixels)["told"]), (&json!("UNet2DModel"), &json!("nothing")));
    refuses(&["encode", "--model", &pixels, "--prompt", "a", "--out", &file], 2, &["told no words"]);
}
