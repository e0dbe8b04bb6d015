//! Digits: MNIST as it is, folders of IDX files, and every lie that such a file can tell.

use std::io::Write;
use std::path::Path;

use candle_core::Device;
use diffusion_lab::datasets::{Batches, Dataset, Split, describe_dataset, is_dataset_folder, read_idx, write_idx};
use diffusion_lab::tensors::Generator;
use flate2::write::GzEncoder;

use crate::reference::floats;

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// The counts of every label are those of LeCun's page; a mean of 0.1307 is what everyone normalises by.
#[test]
fn mnist_is_all_there() {
    let data = Dataset::open("MNIST").unwrap();
    assert_eq!((data.train.count(), data.test.count()), (60_000, 10_000));
    let count = |split: &Split, label| split.labels().iter().filter(|&&given| given == label).count();
    assert_eq!([0, 1, 9].map(|label| count(&data.train, label)), [5923, 6742, 5949]);
    assert_eq!([0, 1, 9].map(|label| count(&data.test, label)), [980, 1135, 1009]);
    let mean = floats(&data.train.mean(&Device::Cpu).unwrap()).iter().map(|v| f64::from(*v)).sum::<f64>() / 784.0;
    assert!((mean - 0.1307).abs() < 5e-5, "{mean}");
    let x = data.test.tensor(&[0, 7], &Device::Cpu).unwrap();
    assert_eq!(x.dims(), [2, 1, 28, 28]);
    assert!(floats(&x).iter().all(|v| (0.0..=1.0).contains(v)));
    let first = data.test.first_of_each(2);
    assert_eq!(
        first.iter().map(|&i| data.test.labels()[i]).collect::<Vec<_>>(),
        [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9]
    );
}

/// A small set of two halves in a folder, under these names.
fn write_set(folder: &Path, names: [&str; 4], gz: bool) {
    for (name, count, pictures) in
        [(names[0], 3, true), (names[1], 3, false), (names[2], 2, true), (names[3], 2, false)]
    {
        let bytes = match pictures {
            true => write_idx(&[count, 28, 28], &vec![count as u8; count * 784]),
            false => write_idx(&[count], &(0..count as u8).collect::<Vec<_>>()),
        };
        std::fs::write(folder.join(name), if gz { gzipped(&bytes) } else { bytes }).unwrap();
    }
}

const NAMES: [&str; 4] =
    ["train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"];

/// Fashion-MNIST's and KMNIST's names, EMNIST's, torchvision's, gzipped (whatever the ending) or not.
#[test]
fn folders_of_the_known_sets_open() {
    let emnist = [
        "emnist-digits-train-images-idx3-ubyte.gz",
        "emnist-digits-train-labels-idx1-ubyte.gz",
        "emnist-digits-test-images-idx3-ubyte.gz",
        "emnist-digits-test-labels-idx1-ubyte.gz",
    ];
    let dotted =
        ["train-images.idx3-ubyte", "train-labels.idx1-ubyte", "t10k-images.idx3-ubyte", "t10k-labels.idx1-ubyte"];
    for (names, gz) in [(NAMES, false), (NAMES, true), (emnist, true), (dotted, false)] {
        let folder = tempfile::tempdir().unwrap();
        write_set(folder.path(), names, gz);
        let name = folder.path().display().to_string();
        let data = Dataset::open(&name).unwrap();
        assert_eq!((data.train.count(), data.test.count()), (3, 2));
        assert_eq!((data.train.labels(), data.test.picture(1)[0]), (&[0, 1, 2][..], 2));
        assert!(is_dataset_folder(folder.path()));
        assert_eq!(describe_dataset(&name).unwrap()["training_pictures"], 3);
    }
}

/// The one line that opening a broken set gives.
fn refusal(break_it: impl Fn(&Path)) -> String {
    let folder = tempfile::tempdir().unwrap();
    write_set(folder.path(), NAMES, false);
    break_it(folder.path());
    let line = Dataset::open(&folder.path().display().to_string()).unwrap_err().to_string();
    assert!(!line.contains('\n'));
    line
}

#[test]
fn every_lie_of_a_header_is_caught() {
    let put =
        |name: &'static str, bytes: Vec<u8>| move |folder: &Path| std::fs::write(folder.join(name), &bytes).unwrap();
    let pictures = |shape: &[usize], n: usize| write_idx(shape, &vec![0; n]);
    let whole = gzipped(&pictures(&[3, 28, 28], 3 * 784));
    let mut corrupt = whole.clone();
    let middle = corrupt.len() / 2;
    corrupt[middle] ^= 0xff;
    let mut floats = pictures(&[3, 28, 28], 3 * 784);
    floats[2] = 0x0d;
    let huge = [&[0, 0, 8, 3][..], &[0xff; 12]].concat();
    let name = NAMES[0];
    let cases: Vec<(Vec<u8>, &str)> = vec![
        (Vec::new(), "ends inside its header"),
        (vec![0, 0, 8], "ends inside its header"),
        (vec![0, 0, 8, 3, 0, 0], "ends inside its header"),
        (whole[..whole.len() / 2].to_vec(), "cut short"),
        (whole[..whole.len() - 3].to_vec(), "cut short"),
        (corrupt, "train-images"),
        (b"\x89PNG\r\n\x1a\n".to_vec(), "not an IDX file (it begins with [89, 50, 4e, 47])"),
        (floats, "not bytes"),
        (pictures(&[4, 28, 28], 3 * 784), "says 3136 numbers ([4, 28, 28]), the file has 2352"),
        (pictures(&[2, 28, 28], 3 * 784), "goes on after the 1568 numbers"),
        (huge, "more than this program takes"),
        (pictures(&[3, 32, 32], 3 * 1024), "32×32, not 28×28"),
        (pictures(&[3, 784], 3 * 784), "is no pictures"),
        (pictures(&[0, 28, 28], 0), "0 pictures and 3 labels"),
        (pictures(&[2, 28, 28], 2 * 784), "2 pictures and 3 labels"),
    ];
    for (bytes, wanted) in cases {
        let line = refusal(put(name, bytes));
        assert!(line.contains(wanted) && line.contains("train-"), "{line} lacks {wanted}");
    }
    let line = refusal(put(NAMES[3], write_idx(&[2], &[3, 10])));
    assert!(line.contains("label 1 is 10, over 9") && line.contains("t10k-labels"), "{line}");
    let line = refusal(put(NAMES[1], write_idx(&[3, 1, 1], &[0, 1, 2])));
    assert!(line.contains("is no labels"), "{line}");
    let line = refusal(|folder| std::fs::remove_file(folder.join(NAMES[2])).unwrap());
    assert!(line.contains("no test images"), "{line}");
    let line = refusal(|folder| {
        let _ = std::fs::copy(folder.join(NAMES[0]), folder.join("emnist-train-images-idx3-ubyte")).unwrap();
    });
    assert!(line.contains("2 files of training images"), "{line}");
    let empty = tempfile::tempdir().unwrap();
    let line = Dataset::open(&empty.path().display().to_string()).unwrap_err().to_string();
    assert!(line.contains("no IDX files") && line.contains("train-images-idx3-ubyte"), "{line}");
    let line = Dataset::open("/no/such/folder").unwrap_err().to_string();
    assert!(line.contains("no such folder"), "{line}");
}

/// Whatever the bytes are, reading them ends in an array or in one line.
#[test]
fn no_bytes_break_the_reader() {
    let whole = write_idx(&[3, 4], &[7; 12]);
    assert_eq!(read_idx(&whole).unwrap().shape, [3, 4]);
    let mut draws = Generator::new(1);
    for bytes in [whole.clone(), gzipped(&whole)] {
        for _ in 0..2000 {
            let mut broken = bytes.clone();
            let at = draws.randint(0, bytes.len() as i64, 1)[0] as usize;
            broken[at] = draws.randint(0, 256, 1)[0] as u8;
            broken.truncate(draws.randint(0, bytes.len() as i64 + 1, 1)[0] as usize);
            if let Err(error) = read_idx(&broken) {
                assert!(!error.to_string().contains('\n'));
            }
        }
    }
}

/// Every digit once, the last batch smaller: 938 steps of 64 and 235 of 256 on MNIST.
#[test]
fn an_epoch_goes_through_everything_once() {
    let mut generator = Generator::new(18);
    let batches = Batches::shuffled(60_000, 64, &mut generator);
    assert_eq!(batches.count(), 938);
    assert_eq!(Batches::shuffled(60_000, 256, &mut generator).count(), 235);
    assert_eq!(batches.get(937).map(<[usize]>::len), Some(32));
    assert_eq!(batches.get(938), None);
    let mut all: Vec<usize> = (0..938).flat_map(|i| batches.get(i).unwrap().to_vec()).collect();
    assert_ne!(all[..4], [0, 1, 2, 3]);
    all.sort_unstable();
    assert!(all.into_iter().eq(0..60_000));
}
