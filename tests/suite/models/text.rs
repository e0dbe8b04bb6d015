//! Prompts: cleaning, tokens, hidden states.

use candle_core::{Device, Tensor};
use diffusion_lab::files::Folder;
use diffusion_lab::models::t5::{TextEncoder, Tokenizer, clean_caption, plain_caption};
use serde::Deserialize;

use super::{MODELS, model, reference, tensors, worst};

/// States are of order 1 after up to three blocks in f32.
const TOLERANCE: f32 = 2e-5;

#[derive(Deserialize)]
struct Reference {
    encoded: Vec<String>,
    prompts: Vec<Prompt>,
    captions: Vec<Caption>,
}

#[derive(Deserialize)]
struct Prompt {
    prompt: String,
    text: String,
    input_ids: Vec<u32>,
    attention_mask: Vec<u8>,
    count: usize,
    input_ids_100_extra: Option<Vec<u32>>,
}

#[derive(Deserialize)]
struct Caption {
    caption: String,
    cleaned: String,
}

fn read() -> Reference {
    let text = std::fs::read_to_string(reference().join("tokens.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// The prompts of the reference, lower-cased and stripped.
pub fn prompts() -> Vec<String> {
    read().prompts.into_iter().map(|prompt| prompt.text).collect()
}

pub fn tokenizer(name: &str) -> Tokenizer {
    Tokenizer::open(&model(name).subfolder("tokenizer").unwrap()).unwrap()
}

#[test]
fn tokens_are_transformers_tokens() {
    let (plain, extra) = (tokenizer("built-in"), tokenizer("deep"));
    for wanted in read().prompts {
        assert_eq!(plain_caption(&wanted.prompt), wanted.text);
        let tokens = plain.tokenize(&wanted.text).unwrap();
        assert_eq!(tokens.ids, wanted.input_ids, "{:?}", wanted.prompt);
        assert_eq!(tokens.mask, wanted.attention_mask, "{:?}", wanted.prompt);
        assert_eq!(tokens.len, wanted.count, "{:?}", wanted.prompt);
        assert_eq!(tokens.cut.is_some(), tokens.len > 77, "{:?}", wanted.prompt);
        let ids = extra.tokenize(&wanted.text).unwrap().ids;
        assert_eq!(ids, wanted.input_ids_100_extra.unwrap_or(wanted.input_ids), "{:?}, 100 extra", wanted.prompt);
    }
}

/// `files/` has a model without charsmap (`identity`) and its ids by transformers, made by `files/make.py`.
#[test]
fn a_tokenizer_without_charsmap_is_transformers_too() {
    let files = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/models/files");
    for folder in std::fs::read_dir(files).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()) {
        let folder = Folder::open(&folder).unwrap();
        let tokenizer = Tokenizer::open(&folder).unwrap();
        let listed: Vec<(String, Vec<u32>)> = folder.read_json("tokens.json").unwrap();
        for (text, ids) in listed {
            let tokens = tokenizer.tokenize(&text).unwrap();
            let real: usize = tokens.mask.iter().map(|&bit| usize::from(bit)).sum();
            assert_eq!(tokens.ids[..real], ids, "{text:?} in {}", folder.place(""));
        }
    }
}

/// Three changed bytes in a tokenizer's file: an error or ids, never a panic.
#[test]
fn damaged_tokenizers_never_panic() {
    let whole = std::fs::read(super::reference().join("../../assets/built-in/tokenizer/spiece.model")).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let folder = Folder::open(dir.path()).unwrap();
    let mut state = 7u64;
    for _ in 0..60 {
        let mut bytes = whole.clone();
        for _ in 0..3 {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            let at = (state >> 33) as usize % bytes.len();
            bytes[at] = (state >> 20) as u8;
        }
        std::fs::write(dir.path().join("spiece.model"), bytes).unwrap();
        if let Ok(tokenizer) = Tokenizer::open(&folder) {
            let _ = tokenizer.tokenize("a rocket ship é ａ ﬁ 火箭 🚀 \u{3000} ㎏ ½");
        }
    }
}

#[test]
fn what_does_not_fit_is_told() {
    let tokenizer = tokenizer("built-in");
    let prompt = "a rocket ship ".repeat(30);
    let tokens = tokenizer.tokenize(prompt.trim()).unwrap();
    let cut = tokens.cut.unwrap();
    assert!(prompt.trim().ends_with(&cut));
    let kept = tokenizer.tokenize(prompt.trim().strip_suffix(&cut).unwrap()).unwrap();
    assert_eq!((kept.len, kept.cut), (77, None));
    assert_eq!(kept.ids, tokens.ids);
}

#[test]
fn states_are_transformers_states() {
    let reference = tensors("t5.safetensors");
    let prompts = read().encoded;
    for name in MODELS.iter().filter(|name| !name.ends_with("stage-2")) {
        let folder = model(name);
        let encoder = TextEncoder::load(&folder.subfolder("text_encoder").unwrap(), &Device::Cpu).unwrap();
        let tokenizer = tokenizer(name);
        let get = |what: &str, row: usize| reference[&format!("{name}.{what}")].narrow(0, row, 1).unwrap();
        for (row, prompt) in prompts.iter().enumerate() {
            let tokens = tokenizer.tokenize(&plain_caption(prompt)).unwrap();
            let ids: Vec<i64> = tokens.ids.iter().map(|&id| i64::from(id)).collect();
            assert_eq!(ids, get("input_ids", row).flatten_all().unwrap().to_vec1::<i64>().unwrap());
            let states = encoder.encode(&tokens).unwrap();
            let difference = worst(&states, &get("last_hidden_state", row));
            eprintln!("{name} {row}: {difference:.1e}");
            assert!(difference <= TOLERANCE, "{name} {prompt:?}: {difference}");
            if row == 0 {
                let wrong: Tensor = reference[&format!("{name}.wrong.no_mask.0")].unsqueeze(0).unwrap();
                assert!(worst(&states, &wrong) > 100.0 * TOLERANCE, "{name} attends to padding");
            }
        }
    }
}

#[test]
fn captions_are_cleaned_as_by_diffusers() {
    let captions = read().captions;
    let different: Vec<String> = captions
        .iter()
        .filter(|wanted| clean_caption(&wanted.caption) != wanted.cleaned)
        .map(|wanted| {
            format!("{:?}: {:?}, should be {:?}", wanted.caption, clean_caption(&wanted.caption), wanted.cleaned)
        })
        .collect();
    assert!(different.is_empty(), "{} of {}:\n{}", different.len(), captions.len(), different.join("\n"));
}
