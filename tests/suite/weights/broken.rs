//! Broken files: each with the line that it must give, and none with a panic.

use diffusion_lab::models::t5::Tokenizer;
use diffusion_lab::weights::{Weights, read_embeddings};

use super::{files, folder, path, read, safetensors};

/// The line that opening a folder with these files gives.
fn line(parts: &[(&str, &[u8])]) -> String {
    let (_dir, folder) = folder(parts);
    let line = Weights::open(&folder).unwrap_err().to_string();
    assert!(!line.contains('\n') && line.contains("; "), "{line}");
    line
}

const ONE: &str = r#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#;

#[test]
fn broken_safetensors() {
    let whole = safetensors(ONE, 4);
    for (bytes, told) in [
        (&whole[..whole.len() - 1], "length is not what its header says"),
        (&whole[..20], "cut short, or not a safetensors file"),
        (&whole[..5], "cut short, or not a safetensors file"),
        (b"", "an empty file"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0", "a Git LFS pointer"),
        (b"<!DOCTYPE html><p>401</p>", "a web page"),
        (b"\x89PNG\r\n\x1a\n0000000000000000", "not a safetensors file"),
    ] {
        let line = line(&[("model.safetensors", bytes)]);
        assert!(line.contains(told) && line.contains("model.safetensors"), "{line}");
    }
    let overlapping = ONE.replace("[0,4]", "[0,8]");
    assert!(line(&[("model.safetensors", &safetensors(&overlapping, 8))]).contains("safetensors file"));
}

/// 8-bit floats come in two kinds; the one that text encoders are published in is read, the other is named.
#[test]
fn the_other_fp8_is_named() {
    let header = r#"{"a":{"dtype":"F8_E5M2","shape":[4],"data_offsets":[0,4]}}"#;
    let (_dir, folder) = folder(&[("model.safetensors", &safetensors(header, 4))]);
    let weights = Weights::open(&folder).unwrap();
    weights.take("a", &[4]).unwrap();
    let line = weights.finish().unwrap_err().to_string();
    assert!(line.contains("a (f8e5m2)") && line.contains("model.safetensors; "), "{line}");
}

/// An index that names a tensor for a shard in which it is not, and a second shard that was never fetched.
#[test]
fn shards_that_disagree_with_their_index() {
    let name = "model.safetensors.index.json";
    let index = |second: &str| format!(r#"{{"weight_map":{{"a":"one.safetensors","b":"{second}"}}}}"#);
    let one = safetensors(ONE, 4);
    let (_dir, folder) = folder(&[(name, index("one.safetensors").as_bytes()), ("one.safetensors", &one)]);
    let weights = Weights::open(&folder).unwrap();
    weights.take("a", &[1]).unwrap();
    weights.take("b", &[1]).unwrap();
    let told = weights.finish().unwrap_err().to_string();
    assert!(told.contains("1 missing: b") && told.contains("; "), "{told}");
    let told = line(&[(name, index("two.safetensors").as_bytes()), ("one.safetensors", &one)]);
    assert!(told.contains("part of the weights is missing") && told.contains("two.safetensors"), "{told}");
}

#[test]
fn broken_shards() {
    let index = |file: &str| format!(r#"{{"weight_map":{{"a":"{file}"}}}}"#);
    let name = "model.safetensors.index.json";
    for (index, told) in [
        (index("../x.safetensors"), "points outside its folder"),
        (index("/etc/passwd"), "points outside its folder"),
        (index("model-00001-of-00002.safetensors"), "part of the weights is missing"),
        (r#"{"weight_map":{}}"#.into(), "names no files"),
    ] {
        let (_dir, folder) = folder(&[(name, index.as_bytes())]);
        let line = Weights::open(&folder).unwrap_err().to_string();
        assert!(line.contains(told) && line.contains(name), "{line}");
    }
    assert!(line(&[("model-00001-of-00002.safetensors", b"")]).contains("index"));
    assert!(line(&[]).contains("no weights in this folder"));
}

#[test]
fn broken_pickles() {
    let line = |name: &str| Weights::open_file(&files(), name).unwrap_err().to_string();
    assert!(line("old.bin").contains("old PyTorch file, from before version 1.6: "), "{}", line("old.bin"));
    assert!(line("evil.bin").contains("wants to call posix.system"), "{}", line("evil.bin"));
    assert!(line("make.py").contains("not a safetensors file"));
    let (_dir, folder) = folder(&[("a.bin", b"hello there")]);
    assert!(Weights::open_file(&folder, "a.bin").unwrap_err().to_string().contains("no zip"));
    let error = read_embeddings(&path().join("nested.pth")).unwrap_err().to_string();
    assert!(error.contains("no prompt embeddings"), "{error}");
}

/// A PyTorch file with this pickle inside and no tensors.
pub fn pickled(pickle: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    zip.start_file("archive/data.pkl", stored).unwrap();
    zip.write_all(pickle).unwrap();
    zip.finish().unwrap().into_inner()
}

#[test]
fn hostile_pickles_are_refused_at_once() {
    let text = |bytes: &[u8]| bytes.to_vec();
    // Pairs of the pair before, 2^60 in all if anyone walked them.
    let mut pairs = text(b"\x80\x02)q\x00");
    (0..60).for_each(|_| pairs.extend(b"h\x00h\x00\x86q\x00"));
    pairs.push(b'.');
    let nested = [b"\x80\x02".as_slice(), &[b'('; 300_000], &[b't'; 300_000], b"."].concat();
    let lists = [b"\x80\x02".as_slice(), &[b']'; 300_000], b"."].concat();
    let started = std::time::Instant::now();
    for (name, pickle) in [
        ("a string of 4 GiB", text(b"\x80\x02X\xff\xff\xff\xffab.")),
        ("a string of 2^63 bytes", text(b"\x80\x04\x8d\x00\x00\x00\x00\x00\x00\x00\x80ab.")),
        ("a number of 2^31 bytes", text(b"\x80\x02\x8b\xff\xff\xff\x7fab.")),
        ("pairs of pairs", pairs),
        ("tuples in tuples", nested),
        ("lists", lists),
        ("no end", text(b"\x80\x02}")),
        ("nothing on the stack", text(b"\x80\x02t.")),
        ("os.system", text(b"\x80\x02cos\nsystem\nX\x02\x00\x00\x00ls\x85R.")),
        ("eval by its global's name", text(b"\x80\x04\x8c\x08builtins\x8c\x04eval\x93\x8c\x011\x85R.")),
    ] {
        let (_dir, folder) = folder(&[("a.bin", &pickled(&pickle))]);
        let line = Weights::open_file(&folder, "a.bin").unwrap_err().to_string();
        assert!(!line.contains('\n') && line.contains("a.bin") && line.len() < 400, "{name}: {line}");
        if name.contains("os.system") || name.contains("eval") {
            assert!(line.contains("wants to call"), "{name}: {line}");
        }
    }
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
}

/// Every cut and every changed byte gives an error or tensors, never a panic or a wild allocation.
#[test]
fn damaged_pickles_never_panic() {
    let whole = read(&path().join("protocol_4.bin"));
    let dir = tempfile::tempdir().unwrap();
    let mut state = 1u64;
    let mut random = || {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 33) as usize
    };
    let folder = diffusion_lab::files::Folder::open(dir.path()).unwrap();
    for round in 0..1500 {
        let mut bytes = whole.clone();
        if round % 3 == 0 {
            bytes.truncate(random() % whole.len());
        }
        for _ in 0..1 + random() % 3 {
            if !bytes.is_empty() {
                // The pickle lies in the first 3000 bytes.
                let at = random() % bytes.len().min(3000);
                bytes[at] = random() as u8;
            }
        }
        std::fs::write(dir.path().join("a.bin"), &bytes).unwrap();
        if let Ok(weights) = Weights::open_file(&folder, "a.bin") {
            for entry in weights.entries() {
                let _ = weights.take(&entry.name, &entry.shape);
            }
            let _ = weights.finish();
        }
    }
}

#[test]
fn all_that_does_not_fit_is_told_in_one_line() {
    let header = r#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]},"c":{"dtype":"U64","shape":[1],"data_offsets":[12,20]},"d":{"dtype":"F32","shape":[1],"data_offsets":[20,24]}}"#;
    let mut bytes = safetensors(header, 20);
    bytes.extend(f32::NAN.to_le_bytes());
    let (_dir, folder) = folder(&[("model.safetensors", &bytes)]);
    let weights = Weights::open(&folder).unwrap();
    assert_eq!(weights.take("a", &[3, 4]).unwrap().dims(), [3, 4]);
    weights.take("c", &[1]).unwrap();
    weights.take("d", &[1]).unwrap();
    weights.pp("x").take("y", &[1]).unwrap();
    let line = weights.finish().unwrap_err().to_string();
    for told in [
        "1 missing: x.y",
        "1 of another shape: a is [2], should be [3, 4]",
        "c (u64)",
        "NaN weights or values out of range: d (NaN or infinite)",
        "1 that this network does not have: b",
        "model.safetensors; ",
    ] {
        assert!(line.contains(told), "{told} in {line}");
    }
}

#[test]
fn broken_tokenizers() {
    let told = |parts: &[(&str, &[u8])]| {
        let (_dir, folder) = folder(parts);
        Tokenizer::open(&folder).unwrap_err().to_string()
    };
    assert!(told(&[]).contains("no tokenizer in this folder"));
    assert!(told(&[("spiece.model", b"")]).contains("not a sentencepiece model"));
    assert!(told(&[("spiece.model", b"\xff\xff\xff\xff hello")]).contains("not a sentencepiece model"));
    assert!(told(&[("tokenizer.json", b"{}")]).contains("cannot use this tokenizer"));
}
