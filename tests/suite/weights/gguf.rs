//! GGUF files that are cut, damaged or lie about their sizes: an error in one line, never a panic or a wild allocation.

use candle_core::quantized::gguf_file::{self, Value};
use candle_core::quantized::{GgmlDType, QTensor};
use candle_core::{DType, Device, Tensor};
use diffusion_lab::weights::Weights;

use super::{folder, values};

/// A small file: a text, a list, and a matrix in 8 bits.
fn whole() -> Vec<u8> {
    let numbers = Tensor::arange(0f32, 128.0, &Device::Cpu).unwrap().reshape((2, 64)).unwrap();
    let matrix = QTensor::quantize(&numbers, GgmlDType::Q8_0).unwrap();
    let norm = QTensor::quantize(&Tensor::ones(3, DType::F32, &Device::Cpu).unwrap(), GgmlDType::F32).unwrap();
    let list = Value::Array(vec![Value::String("a".into()), Value::String("b".into())]);
    let facts = [("general.architecture", &Value::String("t5".into())), ("words", &list)];
    let mut bytes = std::io::Cursor::new(Vec::new());
    gguf_file::write(&mut bytes, &facts, &[("m.weight", &matrix), ("n.weight", &norm)]).unwrap();
    bytes.into_inner()
}

fn line(bytes: &[u8]) -> String {
    let (_dir, folder) = folder(&[("a.gguf", bytes)]);
    let line = Weights::open_file(&folder, "a.gguf").unwrap_err().to_string();
    assert!(!line.contains('\n') && line.contains("a.gguf; "), "{line}");
    line
}

#[test]
fn a_quantised_matrix_is_read_whole_and_by_rows() {
    let (_dir, folder) = folder(&[("a.gguf", &whole())]);
    let weights = Weights::open_file(&folder, "a.gguf").unwrap();
    let all = values(&weights.take("m.weight", &[2, 64]).unwrap());
    assert!(all.iter().enumerate().all(|(at, value)| (value - at as f64).abs() <= 0.51), "{all:?}");
    assert_eq!(values(&weights.take_rows("m.weight", &[2, 64], &[1]).unwrap()), all[64..]);
    let mut rows = vec![0f32; 64];
    let matrix = weights.matrix("m.weight", [2, 64]);
    matrix.rows_into(1..2, &mut rows).unwrap();
    assert!(matrix.has_rows() && rows.iter().zip(&all[64..]).all(|(a, b)| f64::from(*a) == *b));
    assert_eq!(values(&weights.take("n.weight", &[3]).unwrap()), [1.0; 3]);
    weights.finish().unwrap();
}

#[test]
fn damaged_files_are_told_from_whole_ones() {
    let bytes = whole();
    assert!(line(b"GGUX").contains("not a GGUF file"));
    assert!(line(b"").contains("an empty file"));
    assert!(line(&bytes[..bytes.len() - 40]).contains("the file ends inside "));
    assert!(line(&bytes[..30]).contains("room for") || line(&bytes[..30]).contains("ends inside"));
    let with = |at: usize, new: &[u8]| {
        let mut bytes = bytes.clone();
        bytes[at..at + new.len()].copy_from_slice(new);
        line(&bytes)
    };
    assert!(with(4, &1u32.to_le_bytes()).contains("of version 1"));
    assert!(with(4, &9u32.to_le_bytes()).contains("of version 9"));
    assert!(with(4, &3u32.to_be_bytes()).contains("big-endian"));
    // 2^60 tensors, facts, letters of the first key.
    for at in [8, 16, 24] {
        assert!(with(at, &(1u64 << 60).to_le_bytes()).contains("names 1152921504606846976 things"), "at {at}");
    }
}

#[test]
fn changed_bytes_never_panic() {
    let bytes = whole();
    let dir = tempfile::tempdir().unwrap();
    let folder = diffusion_lab::files::Folder::open(dir.path()).unwrap();
    let mut state = 5u64;
    let mut random = || {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 33) as usize
    };
    for round in 0..1500 {
        let mut bytes = bytes.clone();
        if round % 3 == 0 {
            bytes.truncate(random() % bytes.len());
        }
        for _ in 0..1 + random() % 3 {
            if !bytes.is_empty() {
                let at = random() % bytes.len().min(300);
                bytes[at] = random() as u8;
            }
        }
        std::fs::write(dir.path().join("a.gguf"), &bytes).unwrap();
        if let Ok(weights) = Weights::open_file(&folder, "a.gguf") {
            for entry in weights.entries() {
                let _ = weights.take(&entry.name, &entry.shape);
            }
            let _ = weights.finish();
        }
    }
}
