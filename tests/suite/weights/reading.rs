//! Whole files give their tensors.

use candle_core::{DType, Device, Tensor};
use diffusion_lab::weights::{Weights, read_embeddings, weight_files_among, write_embeddings};

use super::{files, folder, path, read, safetensors, values};

#[test]
fn a_state_dict_of_pytorch_is_read_whatever_its_strides_and_types() {
    let count: Vec<f64> = (0..24).map(f64::from).collect();
    for name in ["nested.pth", "protocol_4.bin"] {
        let weights = Weights::open_file(&files(), name).unwrap();
        let take = |name: &str, shape: &[usize]| values(&weights.take(name, shape).unwrap());
        assert_eq!(take("plain", &[2, 3, 4]), count);
        let transposed: Vec<f64> = (0..24).map(|i| count[(i / 6) + (i / 2 % 3) * 4 + (i % 2) * 12]).collect();
        assert_eq!(take("transposed", &[4, 3, 2]), transposed);
        assert_eq!(take("sliced", &[3, 2]), [13.0, 15.0, 17.0, 19.0, 21.0, 23.0]);
        for float in ["half", "bfloat", "double"] {
            assert_eq!(take(float, &[3, 4]), count[..12], "{float}");
        }
        for integer in ["int", "short", "char"] {
            assert_eq!(take(integer, &[2]), [-5.0, 6.0], "{integer}");
        }
        assert_eq!(take("byte", &[2]), [5.0, 250.0]);
        assert_eq!(take("bool", &[2]), [1.0, 0.0]);
        assert_eq!(take("scalar", &[]), [2.5]);
        assert_eq!(take("empty", &[0, 3]), [0.0; 0]);
        assert_eq!(values(&weights.read("long").unwrap().unwrap()), [-1.0, 2f64.powi(40)]);
        let line = weights.finish().unwrap_err().to_string();
        assert!(line.contains("1 that this network does not have: long, nan") || line.contains("2 that"), "{line}");
        let rows = weights.take_rows("transposed", &[4, 3, 2], &[3, 0]).unwrap();
        assert_eq!(values(&rows), [&transposed[18..], &transposed[..6]].concat());
    }
}

#[test]
fn embeddings_keep_their_prompts() {
    let read = read_embeddings(&path().join("prompt_embeds_dict.pth")).unwrap();
    let prompts: Vec<&str> = read.iter().map(|(prompt, _)| prompt.as_str()).collect();
    assert_eq!(prompts, ["", "a rocket ship", "pair ü 🚀"]);
    for ((_, tensor), value) in read.iter().zip([0.5, 1.0, 0.0]) {
        assert_eq!((tensor.dims(), tensor.dtype()), ([1, 77, 4].as_slice(), DType::F32));
        assert!(values(tensor).iter().all(|v| *v == value));
    }
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("e.safetensors");
    write_embeddings(&path, &read).unwrap();
    let again = read_embeddings(&path).unwrap();
    for ((a, x), (b, y)) in read.iter().zip(&again) {
        assert_eq!((a, values(x)), (b, values(y)));
    }
}

#[test]
fn half_size_files_come_first_and_types_may_mix() {
    let header = r#"{"a":{"dtype":"F16","shape":[2],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[],"data_offsets":[4,8]},"c":{"dtype":"F8_E4M3","shape":[2],"data_offsets":[8,10]},"d":{"dtype":"BF16","shape":[1],"data_offsets":[10,12]}}"#;
    let mut half = safetensors(header, 0);
    half.extend([0x00, 0x3C, 0x00, 0xC0]);
    half.extend(1.5f32.to_le_bytes());
    half.extend([0x38, 0xC4]);
    half.extend([0x80, 0x3F]);
    let (_dir, folder) =
        folder(&[("model.safetensors", b"not looked at"), ("model.fp16.safetensors", &half), ("model.bin", b"")]);
    let weights = Weights::open(&folder).unwrap();
    for dtype in [DType::F32, DType::F16, DType::BF16] {
        let weights = weights.on(&Device::Cpu, dtype);
        let take = |name: &str, shape: &[usize]| {
            let tensor = weights.take(name, shape).unwrap();
            assert_eq!(tensor.dtype(), dtype);
            values(&tensor)
        };
        assert_eq!(take("a", &[2]), [1.0, -2.0]);
        assert_eq!(take("b", &[]), [1.5]);
        assert_eq!(take("c", &[2]), [1.0, -3.0]);
        assert_eq!(take("d", &[1]), [1.0]);
    }
    weights.finish().unwrap();
}

#[test]
fn prefixes_can_be_left_out_of_the_account() {
    let header = r#"{"decoder.a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b.c":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#;
    let (_dir, folder) = folder(&[("model.safetensors", &safetensors(header, 8))]);
    let weights = Weights::open(&folder).unwrap().ignoring(&["decoder."]);
    weights.pp("b").take("c", &[1]).unwrap();
    weights.finish().unwrap();
    assert_eq!(weights.entries().len(), 2);
}

#[test]
fn the_hash_is_of_the_bytes() {
    let weights = Weights::open_file(&files(), "nested.pth").unwrap();
    let bytes = read(&path().join("nested.pth"));
    use sha2::Digest;
    let wanted: String = sha2::Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(weights.sha256(), wanted);
}

#[test]
fn a_number_too_large_for_f16_is_told() {
    let mut bytes = safetensors(r#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, 0);
    bytes.extend(70000f32.to_le_bytes());
    let (_dir, folder) = folder(&[("model.safetensors", &bytes)]);
    let weights = || Weights::open(&folder).unwrap();
    for weights in [weights().on(&Device::Cpu, DType::F16), weights().kept_in(DType::F16)] {
        let _: Tensor = weights.take("a", &[1]).unwrap();
        assert!(weights.finish().unwrap_err().to_string().contains("a (too large for f16)"));
    }
}

#[test]
fn an_index_names_the_files_to_fetch() {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<String>>();
    let chosen = |all: &[&str]| weight_files_among(&names(all));
    let shards = ["model.fp16-00001-of-00002.safetensors", "model.fp16-00002-of-00002.safetensors"];
    let index = "model.safetensors.index.fp16.json";
    let all = [shards[0], shards[1], index, "model-00001-of-00004.safetensors", "model.safetensors.index.json"];
    assert_eq!(chosen(&all), names(&[shards[0], shards[1], index]));
    assert_eq!(chosen(&all[3..]), names(&all[3..]));
    assert_eq!(chosen(&["pytorch_model.bin", "model.safetensors"]), names(&["model.safetensors"]));
    assert_eq!(chosen(&["config.json"]), names(&[]));
}
