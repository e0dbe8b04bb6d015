//! The text encoder in every form in which people have it: one set of weights, written in many ways.

use std::collections::BTreeMap;
use std::path::Path;

use candle_core::quantized::gguf_file::{self, Value};
use candle_core::quantized::{GgmlDType, QTensor};
use candle_core::{DType, Device, Tensor};
use diffusion_lab::files::{Folder, limits};
use diffusion_lab::models::t5::{T5Config, TextEncoder};
use diffusion_lab::models::{Text, find_model};
use diffusion_lab::weights::{Weights, to_safetensors};

use super::worst;

const PROMPTS: [&str; 3] = ["a rocket ship", "", "a red ball on a blue table"];

fn built_in() -> Folder {
    find_model("built-in").unwrap()
}

/// The built-in encoder's tensors under transformers' names, in f32.
fn tensors() -> Vec<(String, Tensor)> {
    let weights = Weights::open(&built_in().subfolder("text_encoder").unwrap()).unwrap();
    let read = |name: String| {
        let tensor = weights.read(&name).unwrap().unwrap().to_dtype(DType::F32).unwrap();
        (name, tensor)
    };
    weights.entries().into_iter().map(|entry| read(entry.name)).collect()
}

fn captions() -> Vec<String> {
    PROMPTS.map(str::to_owned).to_vec()
}

/// [3, 77, d] by the encoder in a file of its own, with the tokenizer that is found for it.
fn states(file: &Path) -> Tensor {
    let text = Text::open(&built_in(), &file.to_string_lossy(), &Device::Cpu).unwrap();
    let encoded = text.encode(&captions(), &mut |_, _| Ok(())).unwrap();
    Tensor::cat(&encoded.into_iter().map(|encoded| encoded.embeds).collect::<Vec<_>>(), 0).unwrap()
}

/// By the encoder in its folder.
fn wanted() -> Tensor {
    let text = Text::open(&built_in(), "auto", &Device::Cpu).unwrap();
    let encoded = text.encode(&captions(), &mut |_, _| Ok(())).unwrap();
    Tensor::cat(&encoded.into_iter().map(|encoded| encoded.embeds).collect::<Vec<_>>(), 0).unwrap()
}

fn write(folder: &Path, name: &str, tensors: &[(String, Tensor)]) -> std::path::PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, to_safetensors(tensors, &BTreeMap::new()).unwrap()).unwrap();
    path
}

/// Root of the mean square of the difference, of that of the reference.
fn relative(got: &Tensor, wanted: &Tensor) -> f32 {
    let square = |x: &Tensor| x.sqr().unwrap().mean_all().unwrap().to_scalar::<f32>().unwrap();
    (square(&(got - wanted).unwrap()) / square(wanted)).sqrt()
}

#[test]
fn one_file_without_a_config_is_the_folder() {
    let dir = tempfile::tempdir().unwrap();
    let half: Vec<_> = tensors().into_iter().map(|(n, t)| (n, t.to_dtype(DType::F16).unwrap())).collect();
    assert!(worst(&states(&write(dir.path(), "t5xxl_fp16.safetensors", &half)), &wanted()) == 0.0);
    // The embedding under its other name, and under both.
    let other = "encoder.embed_tokens.weight";
    let mut both = half.clone();
    both.push((other.to_owned(), half.iter().find(|(n, _)| n == "shared.weight").unwrap().1.clone()));
    assert!(worst(&states(&write(dir.path(), "both.safetensors", &both)), &wanted()) == 0.0);
    both.retain(|(name, _)| name != "shared.weight");
    assert!(worst(&states(&write(dir.path(), "other.safetensors", &both)), &wanted()) == 0.0);
    // `wo` in f32 among halves, as DeepFloyd's files.
    let mixed: Vec<_> = half
        .iter()
        .map(|(name, tensor)| {
            let dtype = if name.ends_with(".wo.weight") { DType::F32 } else { DType::F16 };
            (name.clone(), tensor.to_dtype(dtype).unwrap())
        })
        .collect();
    assert!(worst(&states(&write(dir.path(), "mixed.safetensors", &mixed)), &wanted()) == 0.0);
}

#[test]
fn sizes_are_told_by_the_tensors() {
    let folder = built_in().subfolder("text_encoder").unwrap();
    let (told, config) = (T5Config::of_weights(&Weights::open(&folder).unwrap()).unwrap(), T5Config::open(&folder));
    let config = config.unwrap();
    assert_eq!(
        (told.vocab_size, told.d_model, told.d_kv, told.d_ff, told.num_layers, told.num_heads),
        (config.vocab_size, config.d_model, config.d_kv, config.d_ff, config.num_layers, config.num_heads)
    );
    let unet = Weights::open(&built_in().subfolder("unet").unwrap()).unwrap();
    let line = T5Config::of_weights(&unet).unwrap_err().to_string();
    assert!(line.contains("no text encoder: there is no ") && line.contains("T5 v1.1"), "{line}");
}

#[test]
fn bytes_with_a_scale_are_the_numbers_they_stand_for() {
    let dir = tempfile::tempdir().unwrap();
    let (mut scaled, mut plain, mut meant) = (Vec::new(), Vec::new(), Vec::new());
    for (name, tensor) in tensors() {
        if tensor.rank() < 2 || name.contains("bias") {
            scaled.push((name.clone(), tensor.clone()));
            plain.push((name.clone(), tensor.clone()));
            meant.push((name, tensor));
            continue;
        }
        let scale = tensor.abs().unwrap().max_all().unwrap().to_scalar::<f32>().unwrap() / 448.0;
        let bytes = (&tensor / f64::from(scale)).unwrap().to_dtype(DType::F8E4M3).unwrap();
        let numbers = (bytes.to_dtype(DType::F32).unwrap() * f64::from(scale)).unwrap();
        scaled.push((name.replace(".weight", ".scale_weight"), Tensor::new(scale, &Device::Cpu).unwrap()));
        scaled.push((name.replace(".weight", ".scale_input"), Tensor::new(1f32, &Device::Cpu).unwrap()));
        scaled.push((name.clone(), bytes));
        plain.push((name.clone(), tensor.to_dtype(DType::F8E4M3).unwrap()));
        meant.push((name, numbers));
    }
    let nothing = Tensor::zeros(0, DType::F32, &Device::Cpu).unwrap().to_dtype(DType::F8E4M3).unwrap();
    scaled.push(("scaled_fp8".to_owned(), nothing));
    let meant = states(&write(dir.path(), "meant.safetensors", &meant));
    let got = states(&write(dir.path(), "scaled.safetensors", &scaled));
    assert!(worst(&got, &meant) <= 1e-5, "{}", worst(&got, &meant));
    let (plain, wanted) = (states(&write(dir.path(), "plain.safetensors", &plain)), wanted());
    // Three bits of mantissa: steps of up to 6 % of each number.
    eprintln!("fp8 plain {:.3}, scaled {:.3}", relative(&plain, &wanted), relative(&got, &wanted));
    assert!(relative(&got, &wanted) < 0.1 && relative(&plain, &wanted) < 0.2);
}

#[test]
fn what_overflows_in_f16_is_finite_here() {
    let dir = tempfile::tempdir().unwrap();
    let large = |(name, tensor): (String, Tensor)| match name.ends_with(".wo.weight") {
        true => (name, (tensor * 1e6).unwrap()),
        false => (name, tensor),
    };
    let tensors: Vec<_> = tensors().into_iter().map(large).collect();
    let states = states(&write(dir.path(), "large.safetensors", &tensors));
    let largest = states.abs().unwrap().max_all().unwrap().to_scalar::<f32>().unwrap();
    assert!(largest.is_finite() && largest > 0.1, "{largest}");
}

/// llama.cpp's names.
fn gguf_name(name: &str) -> String {
    [
        ("shared.", "token_embd."),
        ("encoder.block.", "enc.blk."),
        ("encoder.final_layer_norm.", "enc.output_norm."),
        ("layer.0.SelfAttention.relative_attention_bias.", "attn_rel_b."),
        ("layer.0.SelfAttention.", "attn_"),
        ("layer.0.layer_norm.", "attn_norm."),
        ("layer.1.DenseReluDense.wi_0.", "ffn_gate."),
        ("layer.1.DenseReluDense.wi_1.", "ffn_up."),
        ("layer.1.DenseReluDense.wo.", "ffn_down."),
        ("layer.1.layer_norm.", "ffn_norm."),
    ]
    .iter()
    .fold(name.to_owned(), |name, (old, new)| name.replace(old, new))
}

/// The facts of the built-in encoder under `architecture`, and the words of its tokenizer if wanted.
fn facts(architecture: &str) -> Vec<(String, Value)> {
    let whole = |name: &str, size: u32| (format!("{architecture}.{name}"), Value::U32(size));
    vec![
        ("general.architecture".to_owned(), Value::String(architecture.to_owned())),
        whole("embedding_length", 256),
        whole("feed_forward_length", 512),
        whole("block_count", 3),
        whole("attention.head_count", 4),
        whole("attention.key_length", 64),
        whole("attention.relative_buckets_count", 32),
        (format!("{architecture}.attention.layer_norm_rms_epsilon"), Value::F32(1e-6)),
    ]
}

/// Writes the encoder with its matrices as `matrices`; gives what those then stand for, under transformers' names.
fn write_gguf(path: &Path, facts: &[(String, Value)], matrices: GgmlDType) -> Vec<(String, Tensor)> {
    let (mut quantized, mut meant) = (Vec::new(), Vec::new());
    for (name, tensor) in tensors() {
        // Norms, and rows too short for blocks, stay f32: so does llama.cpp.
        let blocks = tensor.rank() == 2 && tensor.dims()[1].is_multiple_of(matrices.block_size());
        let blocks = QTensor::quantize(&tensor, if blocks { matrices } else { GgmlDType::F32 }).unwrap();
        meant.push((name.clone(), blocks.dequantize(&Device::Cpu).unwrap()));
        quantized.push((gguf_name(&name), blocks));
    }
    let facts: Vec<(&str, &Value)> = facts.iter().map(|(key, value)| (key.as_str(), value)).collect();
    let tensors: Vec<(&str, &QTensor)> = quantized.iter().map(|(name, tensor)| (name.as_str(), tensor)).collect();
    gguf_file::write(&mut std::fs::File::create(path).unwrap(), &facts, &tensors).unwrap();
    meant
}

#[test]
fn quantised_files_are_the_numbers_they_stand_for() {
    let (dir, wanted) = (tempfile::tempdir().unwrap(), wanted());
    // How far from the weights before: the built-in weights are halves, so f32 and f16 are exact; the others lose bits,
    // and three blocks of attention without a scale make five times as much of it.
    for (dtype, near) in [
        (GgmlDType::F32, 1e-6),
        (GgmlDType::F16, 1e-6),
        (GgmlDType::BF16, 1e-2),
        (GgmlDType::Q8_0, 4e-2),
        (GgmlDType::Q6K, 0.2),
        (GgmlDType::Q5_1, 0.4),
        (GgmlDType::Q5K, 0.4),
        (GgmlDType::Q5_0, 0.5),
        (GgmlDType::Q4_1, 0.8),
        (GgmlDType::Q4K, 0.8),
        (GgmlDType::Q4_0, 0.9),
        (GgmlDType::Q3K, 1.2),
        (GgmlDType::Q2K, 1.4),
    ] {
        let path = dir.path().join("t5.gguf");
        let meant = write_gguf(&path, &facts("t5encoder"), dtype);
        let got = states(&path);
        let exact = states(&write(dir.path(), "meant.safetensors", &meant));
        let (far, off) = (relative(&got, &wanted), worst(&got, &exact));
        eprintln!("{dtype:?}: {far:.2e} from the weights, {off:.1e} from the blocks");
        assert!(off <= 1e-5, "{dtype:?}: {off}");
        assert!(far <= near, "{dtype:?}: {far}");
        assert!(matches!(dtype, GgmlDType::F32 | GgmlDType::F16) || far > 1e-4, "{dtype:?} is not quantised: {far}");
    }
}

#[test]
fn a_gguf_file_brings_its_own_words() {
    let spiece = built_in().subfolder("tokenizer").unwrap().read("spiece.model", limits::TOKENIZER).unwrap();
    let words = pieces(&spiece);
    let rows = 647;
    let list = |values: Vec<Value>| Value::Array(values);
    let padded = |at: usize| words.get(at).cloned().unwrap_or((format!("[PAD{at}]"), -10000.0, 5));
    let all: Vec<(String, f32, i32)> = (0..rows).map(padded).collect();
    let mut facts = facts("t5");
    facts.extend([
        ("tokenizer.ggml.model".to_owned(), Value::String("t5".into())),
        ("tokenizer.ggml.tokens".to_owned(), list(all.iter().map(|w| Value::String(w.0.clone())).collect())),
        ("tokenizer.ggml.scores".to_owned(), list(all.iter().map(|w| Value::F32(w.1)).collect())),
        ("tokenizer.ggml.token_type".to_owned(), list(all.iter().map(|w| Value::I32(w.2)).collect())),
        (
            "tokenizer.ggml.precompiled_charsmap".to_owned(),
            list(charsmap(&spiece).into_iter().map(Value::U8).collect()),
        ),
    ]);
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("t5.gguf");
    write_gguf(&path, &facts, GgmlDType::F16);
    let folder = Folder::open(dir.path()).unwrap();
    let (_, tokenizer) = TextEncoder::load_file(&folder, "t5.gguf", &Device::Cpu).unwrap();
    let (inside, own) = (tokenizer.unwrap(), super::text::tokenizer("built-in"));
    for prompt in super::text::prompts() {
        assert_eq!(inside.tokenize(&prompt).unwrap(), own.tokenize(&prompt).unwrap(), "{prompt:?}");
    }
    assert!(relative(&states(&path), &wanted()) <= 1e-6);
}

/// Fields of a protobuf message: number and, for those that have a length, bytes.
fn fields(mut bytes: &[u8]) -> Vec<(u64, Vec<u8>)> {
    let varint = |bytes: &mut &[u8]| {
        let (mut value, mut shift) = (0u64, 0);
        loop {
            let byte = bytes[0];
            *bytes = &bytes[1..];
            value |= u64::from(byte & 0x7F) << shift;
            shift += 7;
            if byte < 0x80 {
                return value;
            }
        }
    };
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let tag = varint(&mut bytes);
        let length = match tag & 7 {
            0 => {
                found.push((tag >> 3, varint(&mut bytes).to_le_bytes().to_vec()));
                continue;
            }
            1 => 8,
            5 => 4,
            _ => varint(&mut bytes) as usize,
        };
        found.push((tag >> 3, bytes[..length].to_vec()));
        bytes = &bytes[length..];
    }
    found
}

/// Text, score and kind of every piece of `spiece.model`.
fn pieces(model: &[u8]) -> Vec<(String, f32, i32)> {
    let piece = |bytes: &[u8]| {
        let (mut text, mut score, mut kind) = (String::new(), 0.0, 1);
        for (number, value) in fields(bytes) {
            match number {
                1 => text = String::from_utf8(value).unwrap(),
                2 => score = f32::from_le_bytes(value.try_into().unwrap()),
                3 => kind = i32::from(value[0]),
                _ => {}
            }
        }
        (text, score, kind)
    };
    fields(model).iter().filter(|(number, _)| *number == 1).map(|(_, bytes)| piece(bytes)).collect()
}

fn charsmap(model: &[u8]) -> Vec<u8> {
    let normalizer = fields(model).into_iter().find(|(number, _)| *number == 3).unwrap().1;
    fields(&normalizer).into_iter().find(|(number, _)| *number == 2).map(|(_, bytes)| bytes).unwrap_or_default()
}

#[test]
fn other_models_files_are_refused_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("llama.gguf");
    let line = |facts: &[(String, Value)]| {
        write_gguf(&path, facts, GgmlDType::F16);
        Text::open(&built_in(), &path.to_string_lossy(), &Device::Cpu).unwrap_err().to_string()
    };
    let told = line(&facts("llama"));
    assert!(told.contains("architecture llama, not t5encoder or t5: ") && told.contains("llama.gguf"), "{told}");
    let mut short = facts("t5encoder");
    short.remove(1);
    assert!(line(&short).contains("does not tell t5encoder.embedding_length"), "{}", line(&short));
    let mut wide = facts("t5encoder");
    wide[1].1 = Value::U32(512);
    assert!(line(&wide).contains("of another shape: "), "{}", line(&wide));
    let one = [("shared.weight".to_owned(), Tensor::zeros((4, 8), DType::F32, &Device::Cpu).unwrap())];
    let file = write(dir.path(), "other.safetensors", &one);
    let told = Text::open(&built_in(), &file.to_string_lossy(), &Device::Cpu).unwrap_err().to_string();
    assert!(told.contains("no text encoder: there is no encoder.block.0"), "{told}");
}
