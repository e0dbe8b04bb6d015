//! CLIP's text model and tokenizer against transformers.

use candle_core::{Device, Tensor};
use diffusion_lab::error::Error;
use diffusion_lab::files::Folder;
use diffusion_lab::models::clip::{ClipTextConfig, ClipTextEncoder, ClipTokenizer};
use diffusion_lab::models::t5::Tokens;

use super::{Network, compare, reference, same, table};
use crate::reference::{path, relative_difference};

fn load(network: &Network, prefix: &str) -> ClipTextEncoder {
    let folder = tempfile::tempdir().unwrap();
    let named = |name: &str, tensor: &Tensor| {
        same(&format!("{prefix}{}", name.strip_prefix("text_model.").unwrap_or(name)), tensor)
    };
    ClipTextEncoder::load(&network.write(folder.path(), named), &Device::Cpu).unwrap()
}

fn prompts(ids: &Tensor) -> Vec<Tokens> {
    let rows = ids.to_vec2::<i64>().unwrap();
    let tokens = |row: Vec<i64>| {
        let ids: Vec<u32> = row.into_iter().map(|id| id as u32).collect();
        Tokens { mask: vec![1; ids.len()], len: ids.len(), cut: None, ids }
    };
    rows.into_iter().map(tokens).collect()
}

#[test]
fn states_are_transformers_states() {
    let reference = reference();
    for (name, other) in [("clip-quick-gelu", "clip-gelu"), ("clip-gelu", "clip-quick-gelu")] {
        let network = Network::new(name);
        // As transformers wrote it before 5.6, and as it does since.
        for prefix in ["text_model.", ""] {
            let encoder = load(&network, prefix);
            let prompts = prompts(reference.get(&format!("{name}.input_ids")));
            let states = encoder.encode_all(&prompts, &mut |_, _| Ok(())).unwrap();
            compare(&reference, name, "last_hidden_state", &states);
            let difference = relative_difference(&states, reference.get(&format!("{other}.last_hidden_state")));
            assert!(difference > 1e-3, "{name} is {other}: {difference}");
        }
    }
}

#[test]
fn an_encoding_ends_when_it_is_told_to_and_tokens_must_be_known() {
    let encoder = load(&Network::new("clip-gelu"), "text_model.");
    let mut prompts = prompts(reference().get("clip-gelu.input_ids"));
    let ended = encoder.encode_all(&prompts, &mut |done, all| {
        assert_eq!(all, 3);
        if done == 1 { Err(Error::cancelled()) } else { Ok(()) }
    });
    assert!(ended.unwrap_err().is_cancelled());
    prompts[0].ids[5] = 99;
    let line = encoder.encode_all(&prompts, &mut |_, _| Ok(())).unwrap_err().to_string();
    assert!(line.contains("token 99 is beyond the text encoder's 99 words"), "{line}");
}

#[test]
fn sizes_that_do_not_fit_are_refused_by_name() {
    for (key, value, told) in [
        ("hidden_act", serde_json::json!("relu"), "relu"),
        ("num_attention_heads", 5.into(), "num_attention_heads 5 does not divide"),
        ("max_position_embeddings", 16.into(), "max_position_embeddings 16"),
        ("model_type", "t5".into(), "model_type t5 is not supported"),
    ] {
        let mut network = Network::new("clip-gelu");
        network.config[key] = value;
        let folder = tempfile::tempdir().unwrap();
        let line = ClipTextConfig::open(&network.write(folder.path(), same)).unwrap_err().to_string();
        assert!(line.contains(told), "{key}: {line}");
    }
}

/// Ids of every strange prompt, padded by the end's piece and by `!`; out of the two tables and out of one file.
#[test]
fn ids_are_transformers_ids() {
    for name in ["clip-1", "clip-2"] {
        let folder = Folder::open(path("models").join(name)).unwrap();
        let joined = tempfile::tempdir().unwrap();
        let merges = folder.read_text("merges.txt").unwrap();
        let merges: Vec<&str> = merges.lines().skip(1).collect();
        let vocabulary: serde_json::Value = folder.read_json("vocab.json").unwrap();
        let model = serde_json::json!({ "type": "BPE", "vocab": vocabulary, "merges": merges });
        let file = serde_json::json!({ "version": "1.0", "model": model });
        std::fs::write(joined.path().join("tokenizer.json"), file.to_string()).unwrap();
        let config = folder.read_text("tokenizer_config.json").unwrap();
        std::fs::write(joined.path().join("tokenizer_config.json"), config).unwrap();
        for folder in [folder, Folder::open(joined.path()).unwrap()] {
            let tokenizer = ClipTokenizer::open(&folder).unwrap();
            let mut wrong = Vec::new();
            for entry in table("clip-tokens.json").as_array().unwrap() {
                let prompt = entry["prompt"].as_str().unwrap();
                let right: Vec<u32> =
                    entry[name].as_array().unwrap().iter().map(|id| id.as_u64().unwrap() as u32).collect();
                if tokenizer.tokenize(prompt).unwrap().ids != right {
                    wrong.push(prompt.to_owned());
                }
            }
            assert!(wrong.is_empty(), "{name}: {wrong:?}");
        }
    }
}

#[test]
fn what_does_not_fit_is_told() {
    let tokenizer = ClipTokenizer::open(&Folder::open(path("models/clip-1")).unwrap()).unwrap();
    let tokens = tokenizer.tokenize(&"a rocket ship ".repeat(40)).unwrap();
    assert_eq!((tokens.ids.len(), tokens.len), (77, 122));
    assert_eq!(tokens.cut.unwrap(), "a rocket ship ".repeat(15));
    assert!(tokenizer.tokenize("a ship").unwrap().cut.is_none());
    let empty = tempfile::tempdir().unwrap();
    let line = ClipTokenizer::open(&Folder::open(empty.path()).unwrap()).unwrap_err().to_string();
    assert!(line.contains("vocab.json and merges.txt, or tokenizer.json"), "{line}");
}
