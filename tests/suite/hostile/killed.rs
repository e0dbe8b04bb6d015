//! SIGKILL at random moments of everything that writes: what is there is whole, and the next run leaves no litter.
//! `DIFFUSION_LAB_KILLS` asks for more kills than the suite has time for.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use diffusion_lab::experiments::read_recipe;
use diffusion_lab::tensors::Generator;

use crate::cli::{lab, stderr};

/// Kills of each command where nothing else is asked for.
const KILLS: usize = 6;

/// Everything that has a name of its own can be read.
fn all_whole(folder: &Path) -> usize {
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path()) {
        let name = entry.file_name().unwrap().to_string_lossy().into_owned();
        if name.starts_with('.') && name.ends_with(".partial") {
            continue;
        }
        match entry.extension().and_then(|extension| extension.to_str()) {
            Some("png") => {
                assert!(image::open(&entry).is_ok(), "{name} is broken");
                assert!(name.contains("steps") || read_recipe(&entry).is_ok(), "{name} has no recipe");
            }
            Some("json") => {
                let text = std::fs::read_to_string(&entry).unwrap();
                assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok(), "{name}");
            }
            Some("safetensors") => {
                let bytes = std::fs::read(&entry).unwrap();
                assert!(candle_core::safetensors::load_buffer(&bytes, &candle_core::Device::Cpu).is_ok(), "{name}");
            }
            other => assert!(matches!(other, Some("gif" | "apng")), "{name}"),
        }
        seen += 1;
    }
    seen
}

fn partials(folder: &Path) -> usize {
    let names = std::fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().file_name());
    names.filter(|name| name.to_string_lossy().ends_with(".partial")).count()
}

#[test]
fn what_is_killed_leaves_whole_files_and_the_next_run_no_litter() {
    let kills = std::env::var("DIFFUSION_LAB_KILLS").ok().and_then(|count| count.parse().ok()).unwrap_or(KILLS);
    let folder = tempfile::tempdir().unwrap();
    let narrow = crate::reference::path("models/narrow").display().to_string();
    let of = ["--model", &narrow, "--stage-2", "none", "--quiet"];
    let mut moments = Generator::new(24);
    let (mut files, mut left) = (0, 0);
    for (name, more, last) in [
        ("sample", &["--steps", "2", "--seed", "1,2,3,4,5,6,7,8", "--tensors", "--gif"][..], &["--steps", "1"][..]),
        ("sample", &["--steps", "1", "--x", "guidance=1,2,3,4", "--y", "seed=1,2,3"], &["--steps", "1"]),
        (
            "forward",
            &["--image", "built-in:lighthouse", "--t", "100,200,300,400,500"],
            &["--image", "built-in:drawing", "--t", "1"],
        ),
    ] {
        let out = folder.path().join(format!("{name}-{}", more.len()));
        let of = if name == "forward" { &["--model", narrow.as_str(), "--quiet"][..] } else { &of[..] };
        let at = ["--out", &out.display().to_string()].map(str::to_owned);
        for _ in 0..kills {
            let mut command = Command::new(env!("CARGO_BIN_EXE_diffusion-lab"));
            command.arg(name).args(of).args(more).args(&at).env("DIFFUSION_LAB_HOME", env!("CARGO_TARGET_TMPDIR"));
            let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            std::thread::sleep(Duration::from_secs_f32(moments.uniform(1, 0.02, 0.5)[0]));
            let _ = child.kill();
            child.wait().unwrap();
            files += all_whole(&out);
            left += partials(&out);
        }
        let output = lab(&[&[name][..], of, last, &[&at[0], &at[1]]].concat());
        assert!(output.status.success(), "{}", stderr(&output));
        assert!(all_whole(&out) > 0 && partials(&out) == 0, "litter stays in {}", out.display());
    }
    println!("{} kills, {files} files whole, {left} halves were left and cleaned", 3 * kills);
}
