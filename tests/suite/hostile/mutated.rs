//! A seeded mutator over every reader of files: whatever it is given, a reader answers with a value or with one line, soon,
//! and never with a panic. `DIFFUSION_LAB_MUTANTS` asks for more of them than the suite has time for.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use diffusion_lab::app::session::Session;
use diffusion_lab::app::training::files::read_run;
use diffusion_lab::error::Result;
use diffusion_lab::experiments::{Branch, read_recipe, recipe_from_bytes};
use diffusion_lab::files::Folder;
use diffusion_lab::models::t5::Tokenizer;
use diffusion_lab::models::{ModelSummary, describe_model};
use diffusion_lab::training::Saved;
use diffusion_lab::weights::{Weights, read_embeddings};
use diffusion_lab::{datasets, models, pictures};

use super::copy;
use crate::reference::path;

/// Mutants of each file where nothing else is asked for.
const MUTANTS: usize = 60;
/// The longest that a reader may think about a file of a few hundred kilobytes, on a busy machine.
const SOON: Duration = Duration::from_secs(20);

/// Numbers that lie at the ends of something.
const ENDS: [u64; 10] =
    [0, 1, 0x7f, 0xff, 0x7fff, 0xffff, 0x7fff_ffff, 0xffff_ffff, 0x7fff_ffff_ffff_ffff, 0xffff_ffff_ffff_ffff];
/// The same in text, and what else a number can be.
const TEXTS: [&str; 14] = [
    "-1",
    "0",
    "1e308",
    "-1e308",
    "65536",
    "1048576",
    "4294967296",
    "18446744073709551615",
    "null",
    "[]",
    "{}",
    "\"\"",
    "true",
    "0.5",
];

/// A generator of its own (MMIX's), so that a mutant is found again by its number.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) as usize % n.max(1)
    }

    /// `bytes` changed in one to four places.
    fn mutant(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        for _ in 0..1 + self.below(4) {
            let at = self.place(&bytes);
            match self.below(9) {
                0 => bytes.truncate(at),
                1 => bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= 1 << (at % 8)),
                2 => {
                    let end = ENDS[self.below(ENDS.len())].to_le_bytes();
                    let width = [1, 2, 4, 8][self.below(4)];
                    bytes.iter_mut().skip(at).zip(&end[..width]).for_each(|(byte, end)| *byte = *end);
                }
                3 => {
                    let end = ENDS[self.below(ENDS.len())].to_be_bytes();
                    bytes.iter_mut().skip(at).zip(&end[4..]).for_each(|(byte, end)| *byte = *end);
                }
                4 => {
                    let piece: Vec<u8> = bytes[at..].iter().copied().take(1 + self.below(300)).collect();
                    let to = self.below(bytes.len() + 1);
                    bytes.splice(to..to, piece);
                }
                5 => {
                    let end = (at + 1 + self.below(40)).min(bytes.len());
                    bytes.drain(at..end);
                }
                6 | 7 => replace_number(&mut bytes, at, TEXTS[self.below(TEXTS.len())]),
                _ => {
                    let piece = vec![[b'[', b'{', b'(', 0, 0xff][self.below(5)]; 1 + self.below(3000)];
                    bytes.splice(at..at, piece);
                }
            }
        }
        bytes
    }

    /// Often near the beginning, where heads are.
    fn place(&mut self, bytes: &[u8]) -> usize {
        let near = if self.below(2) == 0 { 400 } else { usize::MAX };
        self.below(bytes.len().min(near))
    }
}

/// Puts `text` in place of the next run of digits.
fn replace_number(bytes: &mut Vec<u8>, from: usize, text: &str) {
    let Some(start) = bytes[from.min(bytes.len())..].iter().position(u8::is_ascii_digit).map(|at| at + from) else {
        return;
    };
    let length = bytes[start..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    bytes.splice(start..start + length, text.bytes());
}

/// Reads the file under test, which lies in a folder with what belongs to it.
type Read = fn(&Path) -> Result<()>;

fn tensors(path: &Path) -> Result<()> {
    let folder = Folder::open(path.parent().unwrap())?;
    let weights = Weights::open_file(&folder, &path.file_name().unwrap().to_string_lossy())?;
    weights.metadata()?;
    for entry in weights.entries() {
        let _ = weights.take(&entry.name, &entry.shape)?;
    }
    weights.finish()
}

/// The same of a file that has numbers in it which no network takes.
fn weights(path: &Path) -> Result<Weights> {
    Weights::open_file(&Folder::open(path.parent().unwrap())?, &path.file_name().unwrap().to_string_lossy())
}

fn opened(path: &Path) -> Result<()> {
    let weights = weights(path)?;
    weights.entries().iter().try_for_each(|entry| weights.take(&entry.name, &entry.shape).map(drop))
}

fn recorded(path: &Path) -> Result<()> {
    format!("{}@0", path.display()).parse::<Branch>()?.load(&candle_core::Device::Cpu).map(drop)
}

/// The outermost folder of a model that a file is in.
fn root(path: &Path) -> Option<&Path> {
    path.ancestors().filter(|above| above.join("model_index.json").is_file()).last()
}

/// The model that the file belongs to.
fn model(path: &Path) -> Result<()> {
    let root = root(path).unwrap();
    let _ = models::recommendations(&root.to_string_lossy(), "auto");
    ModelSummary::at(&root.to_string_lossy(), "auto")?;
    let _ = Tokenizer::open(&Folder::open(root.join("tokenizer"))?).map(|tokenizer| tokenizer.tokenize("a cat"));
    describe_model(&Folder::open(root)?).map(drop)
}

fn recipe(path: &Path) -> Result<()> {
    read_recipe(path).map(drop)
}

fn picture(path: &Path) -> Result<()> {
    let bytes = std::fs::read(path).unwrap();
    let _ = recipe_from_bytes(&bytes, None);
    pictures::decode_mask(&bytes).and(pictures::decode(&bytes)).map(drop)
}

fn digits(path: &Path) -> Result<()> {
    let _ = datasets::Dataset::open(&path.parent().unwrap().to_string_lossy())?;
    datasets::describe_idx(path).map(drop)
}

/// Every kind of file, what reads it, and the folder that is copied to lie around it.
fn readers() -> Vec<(PathBuf, Read)> {
    let golden = |name: &str| Path::new("tests/golden").join(name);
    let kept = |name: &str| Path::new("tests/suite/weights/files").join(name);
    let narrow = |name: &str| path("models/narrow").join(name);
    vec![
        (golden("made/sample/sample-000.png"), picture),
        (golden("made/inpaint/inpaint-000.png"), picture),
        (golden("made/inpaint/result.json"), recipe),
        (golden("recipes/sample.json"), recipe),
        (golden("window/session.json"), |path| Session::load(path).map(drop)),
        (golden("made/train-class/metrics.csv"), |path| read_run(path.parent().unwrap()).map(drop)),
        (golden("made/train-class/resume.safetensors"), |path| Saved::open(path).map(drop)),
        (golden("made/train-classifier/checkpoint.safetensors"), tensors),
        (golden("made/embeddings/embeddings.safetensors"), |path| read_embeddings(path).map(drop)),
        (golden("made/sample/trajectory.safetensors"), recorded),
        (golden("inputs/digits/t10k-images-idx3-ubyte"), digits),
        (golden("inputs/digits/t10k-labels-idx1-ubyte"), digits),
        (kept("prompt_embeds_dict.pth"), |path| read_embeddings(path).map(drop)),
        // These two hold NaN on purpose, which nothing computes with.
        (kept("protocol_4.bin"), |path| weights(path).map(drop)),
        (kept("nested.pth"), |path| weights(path).map(drop)),
        (path("models/pickled/unet/diffusion_pytorch_model.bin"), opened),
        (narrow("model_index.json"), model),
        (narrow("unet/config.json"), model),
        (narrow("scheduler/scheduler_config.json"), model),
        (narrow("text_encoder/config.json"), model),
        (narrow("tokenizer/spiece.model"), model),
        (narrow("stage-2/unet/config.json"), model),
    ]
}

fn asked_for() -> usize {
    std::env::var("DIFFUSION_LAB_MUTANTS").ok().and_then(|count| count.parse().ok()).unwrap_or(MUTANTS)
}

#[test]
fn no_reader_is_broken_by_a_mutant() {
    let (mut tried, mut refused) = (0, 0);
    for (number, (file, read)) in readers().into_iter().enumerate() {
        let folder = tempfile::tempdir().unwrap();
        // What lies around it is its own, unless it is the suite's folder of many things.
        let around = root(&file).or(file.parent().filter(|_| read as usize == digits as Read as usize));
        let target = match around {
            Some(around) => {
                copy(around, &folder.path().join("all"));
                folder.path().join("all").join(file.strip_prefix(around).unwrap())
            }
            None => folder.path().join(file.file_name().unwrap()),
        };
        let whole = std::fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        std::fs::write(&target, &whole).unwrap();
        read(&target).unwrap_or_else(|error| panic!("{} as it is: {error}", file.display()));
        for mutant in 0..asked_for() {
            let bytes = Random((number * 1_000_000 + mutant) as u64).mutant(&whole);
            std::fs::write(&target, &bytes).unwrap();
            let begun = Instant::now();
            let name = format!("mutant {mutant} of {}", file.display());
            let ended = std::panic::catch_unwind(|| read(&target)).unwrap_or_else(|_| panic!("{name} panics"));
            assert!(begun.elapsed() < SOON, "{name} takes {:?}", begun.elapsed());
            tried += 1;
            if let Err(error) = ended {
                let line = error.to_string();
                assert!(!line.contains(char::is_control) && line.chars().count() < 2700, "{name}: {line:?}");
                refused += 1;
            }
        }
    }
    println!("{tried} mutants, {refused} refused");
    assert!(refused * 3 > tried, "only {refused} of {tried} were refused: are they mutants at all?");
}
