//! Disks that fill up, on file systems of a few KiB. Making one needs rights that not every machine gives: without
//! them each test says that it was skipped.

use std::path::Path;
use std::process::Command;

use candle_core::{DType, Device, Tensor};
use diffusion_lab::experiments::Recipe;
use diffusion_lab::models::EmbeddingCache;
use diffusion_lab::training::Saved;
use diffusion_lab::worker::{Destination, Extras, Job, Options, What, Worker};

use crate::cli::{lab, refuses, stderr};
use crate::digits::few_digits;

/// A small file system, unmounted in the end.
pub struct Small(tempfile::TempDir);

impl Small {
    /// One of `size`, such as `64k`; nothing where this user cannot mount it, which is said.
    pub fn of(size: &str) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let size = format!("size={size}");
        let mount = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(folder.path()).output();
        if !mount.is_ok_and(|output| output.status.success()) {
            println!("skipped: this user cannot mount a small file system");
            return None;
        }
        Some(Self(folder))
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    fn at(&self, name: &str) -> String {
        self.path().join(name).display().to_string()
    }

    /// Takes all room but some `left` bytes.
    fn fill(&self, left: u64) {
        let free = diffusion_lab::files::free_bytes(self.path()).unwrap();
        std::fs::write(self.path().join("filler"), vec![0; free.saturating_sub(left) as usize]).unwrap();
    }

    fn free(&self) {
        std::fs::remove_file(self.path().join("filler")).unwrap();
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.path()).status();
    }
}

#[test]
fn a_job_ends_in_one_line_and_leaves_no_halves() {
    let Some(disk) = Small::of("64k") else { return };
    refuses(&["sample", "--steps", "2", "--tensors", "--out", &disk.at("")], 1, &["cannot write", "space"]);
    let left: Vec<_> = std::fs::read_dir(disk.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.is_empty(), "{left:?}");
    disk.fill(0);
    let out = disk.at("e.safetensors");
    refuses(&["encode", "--prompt", "a cat", "--out", &out], 1, &["cannot write", "space", "e.safetensors"]);
}

/// The first pictures are saved, the one that has no room is shown, and the job ends of it.
#[test]
fn a_picture_that_cannot_be_saved_is_shown() {
    let Some(disk) = Small::of("64k") else { return };
    let recipe = Recipe::new("sample").with(|recipe| {
        recipe.sampling.count = 64;
        recipe.sampling.steps = vec![1];
        recipe.networks.stage_2 = "none".to_owned();
    });
    let worker = Worker::spawn(Options::default(), || {}).unwrap();
    let destination = Destination::Folder { path: disk.path().to_owned(), extras: Extras::default() };
    worker.submit(Job { recipe, destination });
    let mut pictures = Vec::new();
    let error = loop {
        match worker.events().recv().unwrap().what {
            What::Picture(picture) => pictures.push((picture.path.clone(), picture.pixels.width())),
            What::Failed(error) => break error.to_string(),
            What::Finished(_) => panic!("64 KiB were enough"),
            _ => {}
        }
    };
    assert!(error.contains("cannot write") && error.contains("; free some space"), "{error}");
    let (last, before) = pictures.split_last().unwrap();
    assert!(last.0.is_none() && last.1 > 0 && !before.is_empty());
    for (path, width) in before {
        assert_eq!(image::open(path.as_ref().unwrap()).unwrap().width(), *width);
    }
}

/// A full disk under a training run: what was saved before stays whole, and the run can be taken up from it.
#[test]
fn training_goes_on_and_its_last_save_stays() {
    let Some(disk) = Small::of("2m") else { return };
    let other = tempfile::tempdir().unwrap();
    let data = few_digits(other.path());
    let (out, resume) = (disk.at("run"), disk.at("run/resume.safetensors"));
    let train = |more: &[&str]| {
        let common = ["digits-train", "--data", &data, "--kind", "denoiser", "--hidden", "2", "--batch", "8"];
        lab(&[&common[..], &["--epochs", "3", "--out", &out], more].concat())
    };
    let first = train(&["--max-steps", "5"]);
    assert!(first.status.success(), "{}", stderr(&first));
    let saved = Saved::open(Path::new(&resume)).unwrap().steps();
    disk.fill(1000);
    let second = train(&["--resume", &resume]);
    let said = stderr(&second);
    assert_eq!(second.status.code(), Some(1), "{said}");
    assert!(said.contains("not saved, training goes on") && said.contains("space"), "{said}");
    assert_eq!(Saved::open(Path::new(&resume)).unwrap().steps(), saved);
    disk.free();
    let third = train(&["--resume", &resume]);
    assert!(third.status.success(), "{}", stderr(&third));
    assert_eq!(Saved::open(Path::new(&resume)).unwrap().steps(), 3 * saved);
}

/// What is only kept to save time is no reason to fail.
#[test]
fn embeddings_that_have_no_room_are_made_again() {
    let Some(disk) = Small::of("64k") else { return };
    let cache = EmbeddingCache::at(disk.path(), "0123456789abcdef", 1 << 30);
    let embeds = |width: usize| Tensor::ones((1, 77, width), DType::F32, &Device::Cpu).unwrap();
    cache.put("small", &embeds(16));
    cache.put("large", &embeds(1024));
    assert!(cache.get("small", 16).is_some() && cache.get("large", 1024).is_none());
    let names =
        |folder: &Path| std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>();
    assert_eq!(names(&names(disk.path())[0]).len(), 1, "no halves");
}
