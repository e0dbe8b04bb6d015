//! Embeddings on disk: kept, bounded, and never trusted.

use candle_core::{DType, Device, Tensor};
use diffusion_lab::models::EmbeddingCache;
use diffusion_lab::weights::read_embeddings;

fn embeds(value: f32, width: usize) -> Tensor {
    (Tensor::ones((1, 77, width), DType::F32, &Device::Cpu).unwrap() * f64::from(value)).unwrap()
}

fn files(root: &std::path::Path) -> Vec<std::path::PathBuf> {
    let inside = |folder: &std::path::Path| -> Vec<std::path::PathBuf> {
        std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect()
    };
    inside(root).iter().flat_map(|folder| inside(folder)).collect()
}

#[test]
fn what_is_kept_comes_back_for_the_same_encoder_alone() {
    let root = tempfile::tempdir().unwrap();
    let cache = EmbeddingCache::at(root.path(), "0123456789abcdef", 1 << 20);
    assert!(cache.get("a cat", 4).is_none());
    cache.put("a cat", &embeds(2.0, 4));
    cache.put("", &embeds(3.0, 4));
    let first = |caption: &str| cache.get(caption, 4).map(|e| e.flatten_all().unwrap().to_vec1::<f32>().unwrap()[0]);
    assert_eq!((first("a cat"), first(""), first("a dog")), (Some(2.0), Some(3.0), None));
    assert!(EmbeddingCache::at(root.path(), "fedcba9876543210", 1 << 20).get("a cat", 4).is_none());
    // The files are what `--embeddings` takes.
    let mut prompts: Vec<String> =
        files(root.path()).iter().flat_map(|file| read_embeddings(file).unwrap()).map(|(prompt, _)| prompt).collect();
    prompts.sort();
    assert_eq!(prompts, ["", "a cat"]);
}

#[test]
fn a_broken_or_foreign_file_is_removed_and_made_anew() {
    let root = tempfile::tempdir().unwrap();
    let cache = EmbeddingCache::at(root.path(), "0123456789abcdef", 1 << 20);
    cache.put("a cat", &embeds(2.0, 4));
    let file = files(root.path()).remove(0);
    let whole = std::fs::read(&file).unwrap();
    for broken in [&whole[..whole.len() - 1], b"", b"not at all"] {
        std::fs::write(&file, broken).unwrap();
        assert!(cache.get("a cat", 4).is_none() && !file.exists());
    }
    cache.put("a cat", &embeds(2.0, 4));
    assert!(cache.get("a cat", 8).is_none(), "of another width");
    cache.put("a dog", &embeds(2.0, 4));
    let (dog, cat) = (files(root.path()).remove(0), file);
    std::fs::rename(dog, &cat).unwrap();
    assert!(cache.get("a cat", 4).is_none(), "another prompt's");
}

#[test]
fn the_ones_that_were_used_longest_ago_go_first() {
    let root = tempfile::tempdir().unwrap();
    // Each takes some 77 · 16 · 4 bytes and a header.
    let cache = EmbeddingCache::at(root.path(), "0123456789abcdef", 16_000);
    for (at, caption) in ["a", "b", "c"].into_iter().enumerate() {
        cache.put(caption, &embeds(at as f32, 16));
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    assert!(cache.get("a", 16).is_some());
    std::thread::sleep(std::time::Duration::from_millis(20));
    cache.put("d", &embeds(3.0, 16));
    let here = ["a", "b", "c", "d"].map(|caption| cache.get(caption, 16).is_some());
    assert_eq!(here, [true, false, true, true]);
}
