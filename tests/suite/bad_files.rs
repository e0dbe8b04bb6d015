use std::path::{Path, PathBuf};

use crate::cli::refuses;
use crate::reference::path;

/// A tokenizer.json whose table of characters is too short for any character; the library that reads it trusts it.
pub const WRONG_TABLES: &str = r#"{"version": "1.0", "truncation": null, "padding": null, "added_tokens": [],
    "normalizer": {"type": "Precompiled", "precompiled_charsmap": "BAAAAAAAAAA="},
    "pre_tokenizer": null, "post_processor": null, "decoder": null,
    "model": {"type": "Unigram", "unk_id": 0, "byte_fallback": false,
              "vocab": [["<unk>", 0.0], ["</s>", 0.0], ["<pad>", 0.0], ["a", -1.0]]}}"#;

/// A copy of a small model, to be broken.
fn copy(name: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join(name);
    copy_folder(&path("models").join(name), &to);
    (folder, to)
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target)
        } else {
            let _ = std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// `sample` on the broken model fails with one line, and leaves nothing behind.
fn sample_refuses(model: &Path, wanted: &[&str]) {
    let out = tempfile::tempdir().unwrap();
    let (model, folder) = (model.display().to_string(), out.path().display().to_string());
    refuses(&["sample", "--model", &model, "--steps", "1", "--out", &folder], 1, wanted);
    assert!(std::fs::read_dir(out.path()).unwrap().next().is_none(), "something was written");
}

fn replace(file: &Path, from: &str, to: &str) {
    let text = std::fs::read_to_string(file).unwrap();
    assert!(text.contains(from), "{from}");
    std::fs::write(file, text.replace(from, to)).unwrap();
}

#[test]
fn a_folder_without_its_parts() {
    for part in ["unet", "scheduler", "tokenizer"] {
        let (_guard, model) = copy("narrow");
        std::fs::remove_dir_all(model.join(part)).unwrap();
        sample_refuses(&model, &[part, &model.display().to_string()]);
    }
    let (_guard, model) = copy("narrow");
    std::fs::remove_file(model.join("unet/config.json")).unwrap();
    sample_refuses(&model, &["unet/config.json"]);
    let (_guard, model) = copy("narrow");
    std::fs::remove_file(model.join("unet/diffusion_pytorch_model.safetensors")).unwrap();
    sample_refuses(&model, &["no weights", "unet"]);
}

#[test]
fn truncated_weights() {
    let (_guard, model) = copy("narrow");
    let file = model.join("unet/diffusion_pytorch_model.safetensors");
    let bytes = std::fs::read(&file).unwrap();
    for length in [0, 4, 100, bytes.len() / 2, bytes.len() - 1] {
        std::fs::write(&file, &bytes[..length]).unwrap();
        sample_refuses(&model, &["diffusion_pytorch_model.safetensors"]);
    }
}

#[test]
fn weights_that_are_not_numbers() {
    let (_guard, model) = copy("narrow");
    let file = model.join("unet/diffusion_pytorch_model.safetensors");
    let mut bytes = std::fs::read(&file).unwrap();
    let end = bytes.len();
    bytes[end - 4..].copy_from_slice(&f32::NAN.to_le_bytes());
    std::fs::write(&file, &bytes).unwrap();
    sample_refuses(&model, &["NaN", "diffusion_pytorch_model.safetensors"]);
}

#[test]
fn a_pipeline_or_network_of_another_kind() {
    let (_guard, model) = copy("narrow");
    replace(&model.join("model_index.json"), "IFPipeline", "AudioLDM2Pipeline");
    sample_refuses(&model, &["AudioLDM2Pipeline", "IFPipeline", "model_index.json"]);
    let (_guard, model) = copy("narrow");
    replace(&model.join("unet/config.json"), "UNet2DConditionModel", "SD3Transformer2DModel");
    sample_refuses(&model, &["SD3Transformer2DModel", "config.json"]);
}

/// Every tensor that does not fit is named, in one line.
#[test]
fn a_config_that_disagrees_with_the_tensors() {
    let (_guard, model) = copy("narrow");
    let config = model.join("unet/config.json");
    let mut json: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&config).unwrap()).unwrap();
    json["encoder_hid_dim"] = serde_json::json!(40);
    std::fs::write(&config, json.to_string()).unwrap();
    sample_refuses(&model, &["encoder_hid_proj.weight", "40"]);
}

#[test]
fn a_tokenizer_that_is_not_one() {
    for bytes in [&b"not a model at all"[..], &[0xff; 64], &[]] {
        let (_guard, model) = copy("narrow");
        std::fs::write(model.join("tokenizer/spiece.model"), bytes).unwrap();
        sample_refuses(&model, &["spiece.model"]);
    }
    let (_guard, model) = copy("narrow");
    std::fs::remove_file(model.join("tokenizer/spiece.model")).unwrap();
    std::fs::write(model.join("tokenizer/tokenizer.json"), WRONG_TABLES).unwrap();
    sample_refuses(&model, &["tokenizer.json", "tables contradict each other"]);
}

#[test]
fn json_that_is_not_json() {
    let (_guard, model) = copy("narrow");
    std::fs::write(model.join("scheduler/scheduler_config.json"), "{ \"beta_schedule\": \"sigmoid\" }").unwrap();
    sample_refuses(&model, &["scheduler_config.json", "sigmoid"]);
    std::fs::write(model.join("scheduler/scheduler_config.json"), "{").unwrap();
    sample_refuses(&model, &["scheduler_config.json"]);
}

#[test]
fn recipes_and_pictures_that_cannot_be_run() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path.display().to_string()
    };
    let unknown = write("unknown.json", br#"{"experiment": "sample", "stepz": [3]}"#);
    refuses(&["run", &unknown], 2, &["stepz", "unknown.json"]);
    refuses(&["run", &write("newer.json", br#"{"version": 99, "recipe": {}}"#)], 1, &["99", "newer"]);
    refuses(&["run", &write("half.json", b"{\"experiment\"")], 2, &["half.json", "JSON"]);
    refuses(&["run", &write("noise.bin", &[0x80, 0xff, 0x00])], 1, &["noise.bin"]);
    let plain = folder.path().join("plain.png");
    image::RgbImage::new(8, 8).save(&plain).unwrap();
    refuses(&["run", &plain.display().to_string()], 1, &["no recipe", "plain.png"]);
    let text = write("text.png", b"hello");
    refuses(&["upscale", "--image", &text, "--model", &path("models/narrow").display().to_string()], 1, &["text.png"]);
    refuses(&["upscale", "--image", "/no/such.png"], 1, &["/no/such.png"]);
    refuses(&["upscale", "--image", &text, "--stage-2", "none"], 1, &["stage II"]);
}

#[test]
fn a_place_that_cannot_be_written() {
    refuses(&["sample", "--steps", "1", "--out", "/proc/no/place"], 1, &["cannot write", "/proc/no/place"]);
    let file = tempfile::NamedTempFile::new().unwrap();
    let out = file.path().join("inside").display().to_string();
    refuses(&["sample", "--steps", "1", "--out", &out], 1, &["cannot write"]);
}
