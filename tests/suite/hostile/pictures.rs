use std::io::Write;

use base64::Engine;
use diffusion_lab::files::limits;
use diffusion_lab::pictures::{decode, encode_png, read_carried};
use image::RgbImage;

/// A PNG with further chunks before its end.
fn with_chunks(chunks: &[(&[u8; 4], Vec<u8>)]) -> Vec<u8> {
    let png = encode_png(&RgbImage::new(4, 4), None).unwrap();
    let (head, end) = png.split_at(png.len() - 12);
    let mut bytes = head.to_vec();
    for (kind, data) in chunks {
        bytes.extend(chunk(kind, data));
    }
    bytes.extend(end);
    bytes
}

fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let body = [&kind[..], data].concat();
    let mut sum = flate2::Crc::new();
    sum.update(&body);
    [&(data.len() as u32).to_be_bytes()[..], &body, &sum.sum().to_be_bytes()].concat()
}

/// A compressed iTXt of `length` spaces under `keyword`.
fn bomb(keyword: &str, length: usize) -> Vec<u8> {
    let mut data = [keyword.as_bytes(), &[0, 1, 0, 0, 0]].concat();
    let mut encoder = flate2::write::ZlibEncoder::new(&mut data, flate2::Compression::best());
    let piece = vec![b' '; 1 << 20];
    (0..length >> 20).for_each(|_| encoder.write_all(&piece).unwrap());
    encoder.finish().unwrap();
    data
}

#[test]
fn texts_are_inflated_to_a_limit() {
    let most = limits::INFLATED_BYTES;
    for keyword in ["diffusion-lab", "diffusion-lab:image"] {
        let bytes = with_chunks(&[(b"iTXt", bomb(keyword, most + (1 << 20)))]);
        assert!(bytes.len() < most / 500, "{} bytes", bytes.len());
        let line = read_carried(&bytes).unwrap_err().to_string();
        assert!(line.contains("64 MB"), "{line}");
    }
    // Many that are small enough each are not, together.
    let half = bomb("diffusion-lab", most / 2 + (1 << 20));
    assert!(read_carried(&with_chunks(&[(b"iTXt", half.clone()), (b"iTXt", half)])).is_err());
    // What is not ours is not inflated at all.
    let other = with_chunks(&[(b"iTXt", bomb("XML:com.adobe.xmp", most * 4))]);
    assert!(read_carried(&other).unwrap().is_none() && decode(&other).is_ok());
    // A recipe that another program compressed is read all the same.
    let mut data = b"diffusion-lab\0\x01\0\0\0".to_vec();
    let mut encoder = flate2::write::ZlibEncoder::new(&mut data, flate2::Compression::best());
    encoder.write_all(b"{}").unwrap();
    encoder.finish().unwrap();
    assert_eq!(read_carried(&with_chunks(&[(b"iTXt", data)])).unwrap().unwrap().recipe, "{}");
}

/// A picture of `w` × `h` that holds next to nothing.
fn claims(w: u32, h: u32) -> Vec<u8> {
    let head = [&w.to_be_bytes()[..], &h.to_be_bytes(), &[8, 0, 0, 0, 0]].concat();
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    bytes.extend(chunk(b"IHDR", &head));
    let mut data = Vec::new();
    let mut encoder = flate2::write::ZlibEncoder::new(&mut data, flate2::Compression::best());
    encoder.write_all(&[0; 1000]).unwrap();
    encoder.finish().unwrap();
    bytes.extend(chunk(b"IDAT", &data));
    bytes.extend(chunk(b"IEND", &[]));
    bytes
}

#[test]
fn pixels_are_counted_before_they_are_made() {
    let text = |bytes: &[u8]| base64::engine::general_purpose::STANDARD.encode(bytes).into_bytes();
    let carried = |key: &str, picture: &[u8]| {
        (b"iTXt", [format!("diffusion-lab:{key}").as_bytes(), &[0, 0, 0, 0, 0], &text(picture)].concat())
    };
    let bytes = with_chunks(&[carried("image", &claims(16_384, 16_384))]);
    let line = read_carried(&bytes).unwrap_err().to_string();
    assert!(line.contains("16384 × 16384"), "{line}");
    let line = decode(&claims(16_385, 16_385)).unwrap_err().to_string();
    assert!(line.contains("too large"), "{line}");
    // Together they have no more than one may have: the second of two halves is refused by its head.
    let side = (limits::CARRIED_PIXELS as f64).sqrt() as u32;
    let half = encode_png(&RgbImage::new(side, side / 2), None).unwrap();
    let both = with_chunks(&[carried("image", &half), carried("mask", &claims(side, side / 2 + 1))]);
    let line = read_carried(&both).unwrap_err().to_string();
    assert!(line.contains("too large"), "{line}");
}
