//! The IDX files of MNIST and its relatives, gzipped or not (yann.lecun.com/exdb/mnist).
//!
//! Two zero bytes, the type of the numbers (8: bytes), the number of axes, the length of each axis as a big-endian
//! u32, then the numbers. Every number in a header may be a lie, so each is held to what follows it.

use std::io::Read;

use flate2::read::MultiGzDecoder;

use crate::error::{Error, Result};

/// No set of digits is larger, in bytes: a header that says so lies.
const LARGEST: u64 = 1 << 30;

/// An array of bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Idx {
    /// The length of each axis.
    pub shape: Vec<usize>,
    /// The numbers, row-major.
    pub values: Vec<u8>,
}

/// Whether `bytes` may be an IDX file, gzipped or not, by its first bytes.
pub fn looks_like_idx(bytes: &[u8]) -> bool {
    is_gzip(bytes) || matches!(bytes, [0, 0, 8..=14, 1..=4, ..])
}

fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x1f, 0x8b])
}

/// The array in the file `bytes`.
pub fn read_idx(bytes: &[u8]) -> Result<Idx> {
    if is_gzip(bytes) { read(&mut MultiGzDecoder::new(bytes)) } else { read(&mut &*bytes) }
}

fn read(source: &mut dyn Read) -> Result<Idx> {
    let mut magic = [0; 4];
    fill(source, &mut magic, "its header")?;
    let axes = match magic {
        [0, 0, 8, axes @ 1..=4] => usize::from(axes),
        [0, 0, 9..=14, _] => {
            return Err(
                Error::new("the file's numbers are not bytes").hint("give pictures and labels of bytes (type 8)")
            );
        }
        _ => {
            return Err(Error::new(format!("not an IDX file (it begins with {magic:02x?})"))
                .hint("IDX files of bytes begin with 00 00 08"));
        }
    };
    let mut shape = Vec::with_capacity(axes);
    for _ in 0..axes {
        let mut length = [0; 4];
        fill(source, &mut length, "its header")?;
        shape.push(u32::from_be_bytes(length) as usize);
    }
    let size = shape.iter().try_fold(1_u64, |size, &length| size.checked_mul(length as u64));
    let size = size.filter(|&size| size <= LARGEST).ok_or_else(|| {
        Error::new(format!("the header says {shape:?}, more than this program takes")).hint("is the file damaged?")
    })?;
    let mut values = Vec::new();
    Read::take(&mut *source, size + 1).read_to_end(&mut values).map_err(|error| explain(&error, "its numbers"))?;
    match (values.len() as u64).cmp(&size) {
        std::cmp::Ordering::Equal => Ok(Idx { shape, values }),
        std::cmp::Ordering::Less => {
            Err(Error::new(format!("the header says {size} numbers ({shape:?}), the file has {}", values.len()))
                .hint("it is cut short: get it again"))
        }
        std::cmp::Ordering::Greater => {
            Err(Error::new(format!("the file goes on after the {size} numbers of its header ({shape:?})"))
                .hint("is the file damaged?"))
        }
    }
}

fn fill(source: &mut dyn Read, buffer: &mut [u8], what: &str) -> Result<()> {
    source.read_exact(buffer).map_err(|error| explain(&error, what))
}

fn explain(error: &std::io::Error, what: &str) -> Error {
    match error.kind() {
        std::io::ErrorKind::UnexpectedEof => {
            Error::new(format!("the file ends inside {what}")).hint("it is cut short: get it again")
        }
        _ => Error::new(format!("the gzipped file is damaged ({error})")).hint("get it again"),
    }
}

/// An array of bytes as an IDX file, not gzipped.
pub fn write_idx(shape: &[usize], values: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, 0, 8, shape.len() as u8];
    bytes.extend(shape.iter().flat_map(|&length| (length as u32).to_be_bytes()));
    bytes.extend(values);
    bytes
}
