//! Training that is killed at any moment: what is on the disk is whole, and goes on.

use std::process::{Command, Stdio};
use std::time::Duration;

use diffusion_lab::models::digits::Network;
use diffusion_lab::tensors::Generator;
use diffusion_lab::training::Saved;

use crate::digits::few_digits;

/// Twenty times SIGKILL while files are written without pause; every time the run is taken up where it was saved.
#[test]
fn a_killed_run_leaves_whole_files_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let (data, out) = (few_digits(folder.path()), folder.path().join("out"));
    let (resume, checkpoint) = (out.join("resume.safetensors"), out.join("checkpoint.safetensors"));
    let mut moments = Generator::new(20);
    let (mut steps, mut grown) = (0, 0);
    for _ in 0..20 {
        let mut command = Command::new(env!("CARGO_BIN_EXE_diffusion-lab"));
        command.args([
            "digits-train",
            "--data",
            &data,
            "--kind",
            "denoiser",
            "--hidden",
            "4",
            "--batch",
            "8",
            "--quiet",
        ]);
        command.args(["--epochs", "10000", "--out", &out.display().to_string()]);
        if resume.exists() {
            command.args(["--resume", &resume.display().to_string()]);
        }
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let wait = moments.uniform(1, 0.3, 1.2)[0];
        std::thread::sleep(Duration::from_secs_f32(wait));
        assert!(child.try_wait().unwrap().is_none(), "it ended by itself");
        child.kill().unwrap();
        child.wait().unwrap();
        if !resume.exists() {
            continue; // killed before its first epoch ended
        }
        let saved = Saved::open(&resume).unwrap();
        grown += usize::from(saved.steps() > steps);
        assert!(saved.steps() >= steps, "{} steps after {steps}", saved.steps());
        steps = saved.steps();
        Network::load(&checkpoint, &candle_core::Device::Cpu).unwrap();
        let rows = std::fs::read_to_string(out.join("metrics.csv")).unwrap();
        assert!(rows.ends_with('\n') && rows.lines().all(|row| row.split(',').count() == 5));
    }
    assert!(grown >= 5 && steps > 0, "only {grown} of 20 runs went on");
}
