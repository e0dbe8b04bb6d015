use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use diffusion_lab::files::{atomic_write, writable_dir};
use diffusion_lab::training::Saved;

use crate::cli::{lab, refuses};
use crate::digits::few_digits;

fn ends(child: &mut Child) -> Option<i32> {
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(60) {
        if let Some(status) = child.try_wait().unwrap() {
            return status.code();
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    child.kill().unwrap();
    panic!("it does not end");
}

/// A logout, a closed connection and a batch system end a training run as Ctrl+C does: saved in the middle of an epoch.
#[test]
fn a_run_that_is_told_to_end_is_saved() {
    let folder = tempfile::tempdir().unwrap();
    let data = few_digits(folder.path());
    for (name, signal) in [("int", libc::SIGINT), ("term", libc::SIGTERM), ("hup", libc::SIGHUP)] {
        let out = folder.path().join(name);
        // One epoch has two steps; the first million are one batch each, so that no epoch's end saves it in time.
        let mut command = Command::new(env!("CARGO_BIN_EXE_diffusion-lab"));
        command.args(["digits-train", "--data", &data, "--kind", "denoiser", "--hidden", "4", "--batch", "8"]);
        command.args(["--epochs", "10000", "--json", "--out", &out.display().to_string()]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut lines = std::io::BufRead::lines(std::io::BufReader::new(child.stdout.take().unwrap()));
        let trained = lines.by_ref().map_while(Result::ok).filter(|line| line.contains("\"trained\"")).nth(4);
        assert!(trained.is_some(), "it trains");
        // SAFETY: two numbers; the child is not waited for yet, so that its number is its own.
        assert_eq!(unsafe { libc::kill(child.id() as i32, signal) }, 0);
        let said: Vec<String> = lines.map_while(Result::ok).collect();
        assert_eq!(ends(&mut child), Some(130), "{name}");
        assert!(said.iter().any(|line| line.contains("\"cancelled\"")), "{name}: {said:?}");
        let last = said.iter().rev().find(|line| line.contains("\"trained\"")).cloned().or(trained).unwrap();
        let last: serde_json::Value = serde_json::from_str(&last).unwrap();
        let saved = Saved::open(&out.join("resume.safetensors")).unwrap();
        assert_eq!(saved.steps() as u64, last["step"].as_u64().unwrap(), "{name}: its last step is saved");
    }
}

/// What a killed write left is gone with the next run; what another process is writing stays.
#[test]
fn halves_of_killed_writes_are_cleaned() {
    let folder = tempfile::tempdir().unwrap();
    let mut gone = Command::new("true").spawn().unwrap();
    gone.wait().unwrap();
    let at = |name: String| folder.path().join(name);
    let (dead, alive) =
        (at(format!(".a.png.{}-3.partial", gone.id())), at(format!(".b.png.{}-4.partial", std::process::id())));
    let (other, locked) = (at("c.png.partial".to_owned()), at(format!(".d.png.{}-5.partial", gone.id())));
    for path in [&dead, &alive, &other, &locked] {
        std::fs::write(path, "half").unwrap();
    }
    let holder = std::fs::File::open(&locked).unwrap();
    holder.lock().unwrap();
    writable_dir(folder.path()).unwrap();
    assert!(!dead.exists() && alive.exists() && other.exists() && locked.exists());
    drop(holder);
    writable_dir(folder.path()).unwrap();
    assert!(!locked.exists());
}

/// A link stays a link, and what is no file is left alone.
#[test]
fn writing_follows_links_and_spares_devices() {
    let folder = tempfile::tempdir().unwrap();
    let (real, link) = (folder.path().join("real"), folder.path().join("link"));
    std::os::unix::fs::symlink("real", &link).unwrap();
    for bytes in [b"one", b"two"] {
        atomic_write(&link, bytes).unwrap();
        assert!(link.is_symlink() && std::fs::read(&real).unwrap() == bytes);
    }
    std::os::unix::fs::symlink("round", folder.path().join("round")).unwrap();
    assert!(atomic_write(&folder.path().join("round"), b"x").is_err());
    let pipe = folder.path().join("pipe");
    crate::special_files::pipe(&pipe);
    let line = atomic_write(&pipe, b"x").unwrap_err().to_string();
    assert!(line.contains("no ordinary file"), "{line}");
    assert!(atomic_write(Path::new("/dev/null"), b"x").is_err());
    refuses(&["encode", "--prompt", "x", "--out", "/dev/null"], 1, &["no ordinary file", "/dev/null"]);
    let out = link.display().to_string();
    assert!(lab(&["encode", "--prompt", "x", "--out", &out]).status.success() && link.is_symlink());
}
