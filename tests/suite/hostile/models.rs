use std::path::Path;
use std::time::{Duration, Instant};

use diffusion_lab::weights::{Weights, read_embeddings};
use serde_json::{Value, json};

use super::{copy, write};
use crate::cli::{lab, refuses, stderr};
use crate::reference::path;
use crate::weights::pickled;

/// Far more than a small file may take.
const SOON: Duration = Duration::from_secs(10);

/// One list of pairs that is made into a dictionary again and again; arguments that are copied again and again.
fn repeating() -> [(&'static str, Vec<u8>); 2] {
    let mut dicts = b"\x80\x02]q\x00(".to_vec();
    (0..20_000).for_each(|_| dicts.extend(b"K\x01K\x02\x86"));
    dicts.extend(b"e0ccollections\nOrderedDict\nq\x010");
    (0..20_000).for_each(|_| dicts.extend(b"h\x01h\x00\x85R0"));
    dicts.extend(b"}.");
    let mut calls = b"\x80\x02(".to_vec();
    (0..200_000).for_each(|_| calls.extend(b"K\x01"));
    calls.extend(b"tq\x000ctorch\nSize\nq\x010");
    (0..200_000).for_each(|_| calls.extend(b"h\x01h\x00R0"));
    calls.extend(b"}.");
    [("dictionaries of one list", dicts), ("calls with the same arguments", calls)]
}

#[test]
fn a_pickle_costs_no_more_than_its_length() {
    for (name, pickle) in repeating() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), "a.bin", &pickled(&pickle));
        let begun = Instant::now();
        let weights = diffusion_lab::files::Folder::open(folder.path()).unwrap();
        let line = Weights::open_file(&weights, "a.bin").unwrap_err().to_string();
        assert!(line.contains("repeats itself"), "{name}: {line}");
        assert!(begun.elapsed() < SOON, "{name}: {:?}", begun.elapsed());
    }
}

/// A thousand names for the same bytes are not read a thousand times.
#[test]
fn embeddings_are_no_larger_than_their_file() {
    let folder = tempfile::tempdir().unwrap();
    let entry = json!({ "dtype": "F32", "shape": [1, 77, 64], "data_offsets": [0, 77 * 64 * 4] });
    let one = json!({ "a": entry });
    let bytes = |head: &Value| {
        let head = head.to_string();
        [&(head.len() as u64).to_le_bytes()[..], head.as_bytes(), &vec![0; 77 * 64 * 4]].concat()
    };
    let file = write(folder.path(), "one.safetensors", &bytes(&one));
    assert_eq!(read_embeddings(Path::new(&file)).unwrap().len(), 1);
    // Safetensors may not overlap at all; a pickle may, and its strides may repeat what is there.
    let many: serde_json::Map<String, Value> = (0..1000).map(|n| (n.to_string(), entry.clone())).collect();
    let file = write(folder.path(), "many.safetensors", &bytes(&Value::Object(many)));
    assert!(read_embeddings(Path::new(&file)).is_err());
    let file = write(folder.path(), "many.pth", &repeated_embeddings(2000));
    let begun = Instant::now();
    let line = read_embeddings(Path::new(&file)).unwrap_err().to_string();
    assert!(line.contains("larger than itself") && begun.elapsed() < SOON, "{line}");
}

/// A PyTorch file whose dictionary names one tensor of [1, 77, 64] under many prompts, all of one number.
fn repeated_embeddings(count: usize) -> Vec<u8> {
    use std::io::Write;
    let text = |text: &str| [&b"X"[..], &(text.len() as u32).to_le_bytes(), text.as_bytes()].concat();
    let mut pickle = b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n((".to_vec();
    pickle.extend(text("storage"));
    pickle.extend(b"ctorch\nFloatStorage\n");
    pickle.extend(
        [text("0"), text("cpu"), b"K\x01tQK\x00(K\x01K\x4dK\x40t(K\x00K\x00K\x00t\x89NtRq\x000}(".to_vec()].concat(),
    );
    for number in 0..count {
        pickle.extend(text(&number.to_string()));
        pickle.extend(b"h\x00");
    }
    pickle.extend(b"u.");
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    zip.start_file("a/data.pkl", stored).unwrap();
    zip.write_all(&pickle).unwrap();
    zip.start_file("a/data/0", stored).unwrap();
    zip.write_all(&[0; 4]).unwrap();
    zip.finish().unwrap().into_inner()
}

/// A copy of a model of the suite's, with one number in one of its configs changed.
fn with(folder: &Path, file: &str, key: &str, value: Value) -> String {
    let model = folder.join("model");
    let _ = std::fs::remove_dir_all(&model);
    copy(&path("models/narrow"), &model);
    let config = model.join(file);
    let mut json: Value = serde_json::from_str(&std::fs::read_to_string(&config).unwrap()).unwrap();
    json[key] = value;
    std::fs::write(config, json.to_string()).unwrap();
    model.display().to_string()
}

#[test]
fn a_config_of_two_kilobytes_costs_no_minute() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out").display().to_string();
    for (file, key, value) in [
        ("unet/config.json", "layers_per_block", json!(65_536)),
        ("unet/config.json", "layers_per_block", json!(200)),
        ("text_encoder/config.json", "num_layers", json!(1 << 20)),
        ("unet/config.json", "addition_embed_type_num_heads", json!(1 << 30)),
        ("scheduler/scheduler_config.json", "num_train_timesteps", json!(1u64 << 40)),
        ("scheduler/scheduler_config.json", "sample_max_value", json!(-1)),
        ("scheduler/scheduler_config.json", "sample_max_value", json!(0)),
        ("scheduler/scheduler_config.json", "dynamic_thresholding_ratio", json!(7)),
    ] {
        let model = with(folder.path(), file, key, value.clone());
        let begun = Instant::now();
        refuses(&["sample", "--model", &model, "--steps", "1", "--stage-2", "none", "--out", &out], 1, &[key]);
        assert!(begun.elapsed() < SOON, "{key} {value}: {:?}", begun.elapsed());
    }
}

/// What does not fit is told by three names and a count.
#[test]
fn messages_stay_short() {
    let folder = tempfile::tempdir().unwrap();
    let model = with(folder.path(), "unet/config.json", "layers_per_block", json!(20));
    let out = folder.path().join("out").display().to_string();
    let output = lab(&["sample", "--model", &model, "--steps", "1", "--stage-2", "none", "--out", &out]);
    let line = stderr(&output);
    assert!(line.contains(" more") && line.chars().count() < 2000, "{} characters: {line}", line.len());
}

/// Set for the process of its own in which a file is cut short: what is noted there concerns no other test.
#[cfg(unix)]
const ALONE: &str = "DIFFUSION_LAB_TEST_ALONE";

/// A model's file that is cut short in place while it is read: it is noted, and the program stays.
#[test]
#[cfg(unix)]
fn a_file_that_is_cut_short_ends_nothing() {
    use diffusion_lab::files::{Bytes, file_cut_short, limits};
    if std::env::var_os(ALONE).is_none() {
        let mut again = std::process::Command::new(std::env::current_exe().unwrap());
        again.args(["--exact", "hostile::models::a_file_that_is_cut_short_ends_nothing"]);
        let output = again.env(ALONE, "1").output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && said.contains("1 passed"), "{:?}: {said}", output.status);
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("weights.safetensors");
    std::fs::write(&file, vec![7u8; 1 << 20]).unwrap();
    let bytes = Bytes::map(&file, limits::WEIGHTS).unwrap();
    assert_eq!(bytes[1 << 19], 7);
    assert_eq!(file_cut_short(), None);
    std::fs::File::options().write(true).open(&file).unwrap().set_len(4096).unwrap();
    // Beyond the new end there is nothing; before it everything.
    assert_eq!((bytes[0], bytes[4095]), (7, 7));
    assert_eq!((bytes[8192], bytes[(1 << 20) - 1]), (0, 0));
    assert_eq!(file_cut_short(), Some(file.display().to_string()));
    assert_eq!(file_cut_short(), None, "told once");
    drop(bytes);
    let bytes = Bytes::map(&file, limits::WEIGHTS).unwrap();
    std::fs::File::options().write(true).open(&file).unwrap().set_len(0).unwrap();
    assert_eq!(bytes[4095], 0);
    drop(bytes);
    assert_eq!(file_cut_short(), Some(file.display().to_string()), "also where it is closed by now");
}

#[test]
fn a_folder_without_a_model_is_none() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "notes.txt", b"x");
    refuses(&["inspect", &folder.path().display().to_string()], 1, &["neither a model"]);
    refuses(&["sample", "--threads", "1000", "--out", &folder.path().join("out").display().to_string()], 2, &["1000"]);
}

/// A recipe that was made with other weights than those that are here is run, and that is said.
#[test]
fn other_weights_are_said() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let narrow = path("models/narrow").display().to_string();
    let made = lab(&["sample", "--model", &narrow, "--steps", "1", "--stage-2", "none", "--quiet", "--out", &at("a")]);
    assert!(made.status.success(), "{}", stderr(&made));
    let result = folder.path().join("a/result.json");
    let again = || stderr(&lab(&["run", &result.display().to_string(), "--trust", "--out", &at("b")]));
    assert!(!again().contains("other files"), "{}", again());
    let mut json: Value = serde_json::from_str(&std::fs::read_to_string(&result).unwrap()).unwrap();
    let hashes = json["hashes"].as_object_mut().unwrap();
    let key = hashes.keys().find(|key| key.contains("stage_1")).unwrap().clone();
    hashes.insert(key.clone(), json!("0".repeat(64)));
    std::fs::write(&result, json.to_string()).unwrap();
    let said = again();
    assert!(said.contains("other files") && said.contains(&key), "{said}");
}
