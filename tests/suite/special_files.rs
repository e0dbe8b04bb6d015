use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use diffusion_lab::files::{hub, limits, read_file, read_file_start, read_text_file};

use crate::cli::{lab, stderr};
use crate::hostile::copy;
use crate::reference::path;

/// A refusal takes no longer, however busy the machine is. Waiting for a pipe would take for ever.
const SOON: Duration = Duration::from_secs(60);

/// A pipe that nobody writes to.
pub fn pipe(path: &Path) {
    let name = std::ffi::CString::new(path.to_str().unwrap()).unwrap();
    // SAFETY: a name that ends in 0, and a number.
    assert_eq!(unsafe { libc::mkfifo(name.as_ptr(), 0o600) }, 0, "{}", path.display());
}

/// Everything that is no ordinary file, and how it is called.
fn specials(folder: &Path) -> Vec<(PathBuf, &'static str)> {
    pipe(&folder.join("pipe"));
    drop(std::os::unix::net::UnixListener::bind(folder.join("socket")).unwrap());
    std::os::unix::fs::symlink("/dev/zero", folder.join("link")).unwrap();
    let own = [("pipe", "a pipe"), ("socket", "a socket"), ("link", "a device")];
    let mut all: Vec<_> = own.map(|(name, what)| (folder.join(name), what)).to_vec();
    all.extend(["/dev/zero", "/dev/full", "/dev/null", "/dev/tty"].map(|name| (name.into(), "a device")));
    all.push((folder.to_owned(), "a folder"));
    all
}

/// Runs the program; fails where it does not end by itself.
fn ends(arguments: &[&str], piped: Option<&[u8]>) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_diffusion-lab"));
    command.args(arguments).env("DIFFUSION_LAB_HOME", env!("CARGO_TARGET_TMPDIR"));
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.stdin(if piped.is_some() { Stdio::piped() } else { Stdio::null() });
    let mut child = command.spawn().unwrap();
    if let (Some(mut stdin), Some(bytes)) = (child.stdin.take(), piped) {
        // It may end before it has read all of it, or any.
        let _ = stdin.write_all(bytes);
    }
    let begun = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if begun.elapsed() > SOON {
            child.kill().unwrap();
            panic!("{arguments:?} waits");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    child.wait_with_output().unwrap()
}

fn refuses_soon(arguments: &[&str], wanted: &[&str]) {
    let out = tempfile::tempdir().unwrap();
    let free = out.path().join("free").display().to_string();
    let output = ends(&[arguments, &["--out", &free]].concat(), None);
    let line = stderr(&output);
    assert_eq!(output.status.code(), Some(1), "{arguments:?}: {line}");
    assert_eq!(line.trim_end().lines().count(), 1, "{arguments:?}: {line}");
    wanted.iter().for_each(|part| assert!(line.contains(part), "{arguments:?}: {line} lacks {part}"));
}

#[test]
fn the_reader_takes_ordinary_files_alone() {
    let folder = tempfile::tempdir().unwrap();
    for (special, what) in specials(folder.path()) {
        let line = read_file(&special, limits::PICTURE).unwrap_err().to_string();
        assert!(line.contains(what) && line.contains(&special.display().to_string()) && line.contains("; "), "{line}");
        assert!(
            read_file_start(&special, 4, limits::PICTURE).is_err() && diffusion_lab::pictures::load(&special).is_err()
        );
    }
    let file = folder.path().join("file");
    let missing = read_file(&file, limits::PICTURE).unwrap_err();
    assert!(missing.is_missing() && missing.to_string().contains("No such file"), "{missing}");
    assert!(read_file(&folder.path().join("pipe"), limits::PICTURE).is_err_and(|error| !error.is_missing()));
    std::fs::write(&file, "four").unwrap();
    assert_eq!(read_text_file(&file, limits::LINE).unwrap(), "four");
    assert_eq!(read_file_start(&file, 2, limits::LINE).unwrap(), b"fo");
    let short = limits::Limit { most: 3, ..limits::LINE };
    assert!(read_file(&file, limits::Limit { most: 4, ..short }).is_ok());
    let line = read_file(&file, short).unwrap_err().to_string();
    assert!(line.contains("4 bytes, at most 3 bytes"), "{line}");
    std::fs::write(&file, [0xff]).unwrap();
    assert!(read_text_file(&file, limits::LINE).unwrap_err().to_string().contains("not text"));
    // The system's own files say that they are empty; what they hold is read, and bounded.
    if cfg!(target_os = "linux") {
        assert!(read_text_file(Path::new("/proc/self/status"), limits::LINE).unwrap().contains("VmPeak"));
        assert!(read_file(Path::new("/proc/self/status"), short).is_err());
    }
}

/// What every input path says to a device and to a pipe, in one line and at once.
#[test]
fn every_flag_refuses_what_is_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let fifo = folder.path().join("fifo").display().to_string();
    pipe(Path::new(&fifo));
    let model = path("models/narrow").display().to_string();
    let picture = folder.path().join("picture.png").display().to_string();
    image::RgbImage::new(16, 16).save(&picture).unwrap();
    for (special, what) in [("/dev/zero", "a device"), (fifo.as_str(), "a pipe")] {
        let branch = format!("{special}@0");
        let wanted = [what, special];
        refuses_soon(&["edit", "--model", &model, "--steps", "1", "--image", special], &wanted);
        refuses_soon(&["inpaint", "--model", &model, "--image", &picture, "--mask", special], &wanted);
        refuses_soon(&["sample", "--model", &model, "--steps", "1", "--branch", &branch], &wanted);
        refuses_soon(&["sample", "--model", &model, "--steps", "1", "--embeddings", special], &wanted);
        refuses_soon(&["digits-train", "--resume", special], &wanted);
        refuses_soon(&["digits-train", "--init", special], &wanted);
        refuses_soon(&["digits-sample", "--checkpoint", special], &wanted);
        refuses_soon(&["run", special], &wanted);
        // What looks for a model or a folder by its name says that there is none.
        refuses_soon(&["sample", "--model", special], &["no such model", special]);
        refuses_soon(&["sample", "--model", &model, "--text-encoder", special], &["no such model", special]);
        refuses_soon(&["digits-train", "--data", special], &["no such folder", special]);
        let output = ends(&["inspect", special], None);
        assert!(!output.status.success() && stderr(&output).contains(special));
    }
}

/// A folder that was made to hurt: a pipe or a link to a device in place of each of a model's files.
#[test]
fn a_models_files_are_ordinary_files() {
    for name in [
        "model_index.json",
        "unet/config.json",
        "unet/diffusion_pytorch_model.safetensors",
        "scheduler/scheduler_config.json",
        "tokenizer/spiece.model",
        "text_encoder/config.json",
        "text_encoder/model.safetensors",
        "lab.json",
    ] {
        for of_pipe in [true, false] {
            let folder = tempfile::tempdir().unwrap();
            let model = folder.path().join("model");
            copy(&path("models/narrow"), &model);
            let file = model.join(name);
            let _ = std::fs::remove_file(&file);
            match of_pipe {
                true => pipe(&file),
                false => std::os::unix::fs::symlink("/dev/zero", &file).unwrap(),
            }
            let (model, out) = (model.display().to_string(), folder.path().join("out").display().to_string());
            let output = ends(&["sample", "--model", &model, "--steps", "1", "--stage-2", "none", "--out", &out], None);
            // A network's folder does without an index, and no model need recommend anything.
            let needed = !["model_index.json", "lab.json"].contains(&name);
            assert!(!(needed && output.status.success()), "{name}: {}", stderr(&output));
            assert!(ends(&["inspect", &model], None).stderr.len() < 1000);
        }
    }
}

/// A file with a hole of 2 GB costs no disk; it is refused by its length, before it is read.
#[test]
fn what_is_too_long_is_refused_before_it_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let long = folder.path().join("long.png");
    std::fs::File::create(&long).unwrap().set_len(2_000_000_000).unwrap();
    let line = diffusion_lab::pictures::load(&long).unwrap_err().to_string();
    assert!(line.contains("too long: 2.0 GB, at most 1.0 GB") && line.contains("long.png"), "{line}");
    let config = folder.path().join("config.json");
    std::fs::File::create(&config).unwrap().set_len(100_000_000).unwrap();
    let line = diffusion_lab::files::Folder::open(folder.path()).unwrap().read_text("config.json").unwrap_err();
    assert!(line.to_string().contains("too long: 100 MB, at most 64 MB"), "{line}");
}

/// `-` is what is piped in, where the command line says so; in a recipe it is a file's name.
#[test]
fn what_is_piped_in_is_taken_where_the_shell_asks_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let (picture, out) = (folder.path().join("p.png"), folder.path().join("out"));
    image::RgbImage::from_pixel(16, 16, image::Rgb([200, 40, 40])).save(&picture).unwrap();
    let (bytes, out_text) = (std::fs::read(&picture).unwrap(), out.display().to_string());
    let picture_text = picture.display().to_string();
    let model = path("models/narrow").display().to_string();
    let run = |arguments: &[&str], piped: &[u8]| {
        let output = ends(&[arguments, &["--quiet", "--out", &out_text]].concat(), Some(piped));
        (output.status.code(), stderr(&output))
    };
    let result = || std::fs::read(out.join("forward-000.png")).unwrap();
    let forward = ["forward", "--model", &model, "--t", "300"];
    let from = |image| [&forward[..], &["--image", image]].concat();
    assert_eq!(run(&from("-"), &bytes).0, Some(0));
    let piped = result();
    assert_eq!(run(&from(&picture_text), b"").0, Some(0));
    assert!(piped == result(), "the same picture makes the same result");
    // A recipe as well, and its own `-` is no pipe.
    assert_eq!(run(&["run", "-", "--trust"], &piped).0, Some(0));
    assert!(piped == result());
    let recipe = br#"{"experiment": "forward", "image": "-"}"#;
    let (code, line) = run(&["run", "-"], recipe);
    assert!(code == Some(2) && line.contains("--trust"), "{line}");
    let (code, line) = run(&["run", "-", "--trust"], recipe);
    assert!(code == Some(1) && line.contains("cannot read the picture"), "{line}");
    let mask = ["inpaint", "--model", &model, "--steps", "1", "--stage-2", "none", "--image"];
    let (code, line) = run(&[&mask[..], &[&picture_text, "--mask", "-"]].concat(), &bytes);
    assert_eq!(code, Some(0), "{line}");
    let (code, line) = run(&[&mask[..], &["-", "--mask", "-"]].concat(), &bytes);
    assert!(code == Some(2) && line.contains("cannot both"), "{line}");
    let (code, line) = run(&from("-"), b"no picture");
    assert!(code == Some(1) && line.contains("standard input"), "{line}");
}

/// The name of the newest commit is one name: it does not lead out of the cache, and is not waited for.
#[test]
fn the_hubs_newest_commit_is_a_name() {
    let cache = tempfile::tempdir().unwrap();
    let repository = cache.path().join("models--owner--name");
    std::fs::create_dir_all(repository.join("snapshots/abc")).unwrap();
    std::fs::create_dir_all(repository.join("refs")).unwrap();
    let main = repository.join("refs/main");
    for (text, found) in [("abc", true), ("abc\n", true), ("../..", false), ("..", false), ("/", false), ("", false)] {
        std::fs::write(&main, text).unwrap();
        assert_eq!(hub::snapshot(cache.path(), "owner/name").is_some(), found, "{text:?}");
    }
    std::fs::remove_file(&main).unwrap();
    pipe(&main);
    assert!(hub::snapshot(cache.path(), "owner/name").is_none());
    assert!(lab(&["list", "models"]).status.success());
}
