//! Which model a path means: a folder, or a file of it, for people who choose files in a dialogue.

use std::path::Path;

use diffusion_lab::files::limits;
use diffusion_lab::models::{find_model, setting_for};

use super::reference;

fn class_of(path: &Path) -> String {
    let index = find_model(path.to_str().unwrap()).unwrap().read("model_index.json", limits::CONFIG).unwrap();
    let index: serde_json::Value = serde_json::from_slice(&index).unwrap();
    index["_class_name"].as_str().unwrap().to_owned()
}

#[test]
fn a_file_of_a_model_means_the_model() {
    let narrow = reference().join("models/narrow");
    for file in ["", "model_index.json", "unet/config.json", "unet/diffusion_pytorch_model.safetensors"] {
        assert_eq!(class_of(&narrow.join(file)), "IFPipeline", "{file}");
        assert_eq!(setting_for(&narrow.join(file)), Some("model"), "{file}");
    }
    let stage_2 = narrow.join("stage-2/model_index.json");
    assert_eq!(class_of(&stage_2), "IFSuperResolutionPipeline");
    assert_eq!(setting_for(&stage_2), Some("stage_2"));
}

#[test]
fn a_file_that_only_lies_there_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("model_index.json"), "{}").unwrap();
    for name in ["holiday.png", "notes.txt", "deep/er/config.json"] {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, "x").unwrap();
        let refused = find_model(path.to_str().unwrap()).err().unwrap().to_string();
        assert!(refused.contains("not part of a model") && refused.contains(name), "{refused}");
        assert_eq!(setting_for(&path), None);
    }
    assert_eq!(setting_for(Path::new("/models/t5-Q4_K_M.gguf")), Some("text_encoder"));
}
