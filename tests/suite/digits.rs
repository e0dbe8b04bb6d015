use std::path::Path;

use candle_core::{Device, Tensor};
use diffusion_lab::datasets::{Split, write_idx};
use diffusion_lab::experiments::{EXPERIMENTS, Recipe};
use diffusion_lab::models::digits::{Kind, Network, Spec};
use diffusion_lab::tensors::Generator;
use diffusion_lab::weights::to_safetensors;
use diffusion_lab::worker::{Destination, Extras, Job, Options, What, Worker};
use serde_json::{Value, json};

use crate::cli::{lab, refuses, stderr};
use crate::reference::{Reference, in_both_layouts, relative_difference};
use crate::running::{run, tensors};

/// A network of the reference, trained there for 30 steps, as a checkpoint.
pub fn checkpoint(folder: &Path, kind: Kind) -> String {
    let reference = Reference::open("digits.safetensors");
    let prefix = format!("trained.{}.", kind.name());
    let tensors: Vec<(String, Tensor)> = reference
        .names()
        .into_iter()
        .filter_map(|name| Some((name.strip_prefix(&prefix)?.to_owned(), reference.get(name).clone())))
        .collect();
    assert!(!tensors.is_empty());
    let path = folder.join(format!("{}.safetensors", kind.name()));
    std::fs::write(&path, to_safetensors(&tensors, &Spec::new(kind, 4).unwrap().metadata()).unwrap()).unwrap();
    path.display().to_string()
}

/// An untrained one.
pub fn drawn(folder: &Path, kind: Kind) -> String {
    let spec = Spec::new(kind, 4).unwrap();
    let network = Network::drawn(spec, &mut Generator::new(1), &Device::Cpu).unwrap();
    let path = folder.join(format!("drawn-{}.safetensors", kind.name()));
    std::fs::write(&path, network.to_checkpoint(candle_core::DType::F32).unwrap()).unwrap();
    path.display().to_string()
}

/// A folder with a few digits of MNIST.
pub fn few_digits(folder: &Path) -> String {
    let mnist = diffusion_lab::datasets::Dataset::open("mnist").unwrap();
    let out = folder.join("few");
    std::fs::create_dir_all(&out).unwrap();
    for (half, split, count) in [("train", &mnist.train, 40), ("t10k", &mnist.test, 24)] {
        let few: Split = split.first(count);
        let pictures = write_idx(&[count, 28, 28], few.bytes());
        std::fs::write(out.join(format!("{half}-images-idx3-ubyte")), pictures).unwrap();
        std::fs::write(out.join(format!("{half}-labels-idx1-ubyte")), write_idx(&[count], few.labels())).unwrap();
    }
    out.display().to_string()
}

fn recipe(keys: Value) -> Recipe {
    Recipe::from_json(keys.as_object().unwrap()).unwrap()
}

/// Trajectories of DDPM and flow, guided or not, all timesteps or some, against PyTorch: x after each quarter.
///
/// A right loop is at 1e-5; a random-ish network amplifies rounding over hundreds of steps.
#[test]
fn samples_are_pytorchs() {
    in_both_layouts(|| {
        let reference = Reference::open("digits.safetensors");
        let folder = tempfile::tempdir().unwrap();
        let mut cases = 0;
        for name in reference.names() {
            let Some(case) = name.strip_prefix("sample.") else { continue };
            let [kind, guidance, steps] = case.split('.').collect::<Vec<_>>()[..] else { panic!("{name}") };
            let kind = Kind::of_name(kind).unwrap();
            let (guidance, steps): (f64, usize) = (guidance.parse().unwrap(), steps.parse().unwrap());
            let mut keys = json!({
                "experiment": "digits-sample", "checkpoint": checkpoint(folder.path(), kind),
                "guidance": [guidance], "steps": [steps], "seed": [180], "classes": "38",
            });
            if !kind.has_class() {
                keys["classes"] = json!("none");
                keys["count"] = json!(2);
            }
            let out = folder.path().join(case);
            run(recipe(keys), &out);
            let ours = tensors(&out, "trajectory.safetensors");
            let timesteps: Vec<i64> = ours["timesteps"].to_vec1().unwrap();
            let first = if kind.is_flow() { 0 } else { 300 };
            assert_eq!((timesteps.len(), timesteps[0]), (steps, first), "{case}");
            assert_eq!(ours["x_t"].dims(), [steps + 1, 2, 1, 28, 28]);
            let quarter = |k: usize| ours["x_t"].get((k + 1) * (steps / 4)).unwrap();
            let off = |theirs: &Tensor| {
                (0..4).map(|k| relative_difference(&quarter(k), &theirs.get(k).unwrap())).fold(0.0, f32::max)
            };
            let worst = off(reference.get(name));
            assert!(worst <= 3e-4, "{case}: {worst}");
            let prefix = format!("wrong.{name}.");
            for wrong in reference.names().into_iter().filter(|name| name.starts_with(&prefix)) {
                assert!(off(reference.get(wrong)) > 3e-3, "{case} cannot tell {wrong}");
            }
            println!("{case}: worst {worst:.1e}");
            cases += 1;
        }
        assert_eq!(cases, 7);
    });
}

/// x̂_0 of a flow is x + (1 - t) u, of DDPM (x - √(1-ᾱ) ε)/√ᾱ: what the last step arrives at.
#[test]
fn a_trajectory_ends_at_its_last_estimate() {
    let folder = tempfile::tempdir().unwrap();
    for (kind, keys) in [(Kind::FlowTime, json!({})), (Kind::Time, json!({}))] {
        let mut all = json!({
            "experiment": "digits-sample", "checkpoint": checkpoint(folder.path(), kind), "steps": [5], "count": 2,
        });
        all.as_object_mut().unwrap().extend(keys.as_object().unwrap().clone());
        let out = folder.path().join(kind.name());
        run(recipe(all), &out);
        let ours = tensors(&out, "trajectory.safetensors");
        let (x, x_0) = (ours["x_t"].get(5).unwrap(), ours["pred_original_sample"].get(4).unwrap());
        let off = relative_difference(&x, &x_0);
        assert!(off <= 1e-5, "{}: {off}", kind.name());
    }
}

/// Every picture has its own generator, and its recipe makes it alone.
#[test]
fn a_digit_can_be_made_alone() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let class = checkpoint(folder.path(), Kind::Class);
    let many = [
        "digits-sample",
        "--checkpoint",
        &class,
        "--classes",
        "314",
        "--count",
        "2",
        "--steps",
        "3",
        "--out",
        &at("many"),
    ];
    let output = lab(&many);
    assert!(output.status.success(), "{}", stderr(&output));
    for name in
        ["samples-images-idx3-ubyte", "samples-labels-idx1-ubyte", "grid.png", "result.json", "digits-sample-005.png"]
    {
        assert!(folder.path().join("many").join(name).is_file(), "{name}");
    }
    let labels = std::fs::read(folder.path().join("many/samples-labels-idx1-ubyte")).unwrap();
    assert_eq!(labels[8..], [3, 1, 4, 3, 1, 4]);
    assert!(
        lab(&["run", &at("many/digits-sample-004.png"), "--trust", "--out", &at("alone"), "--quiet"]).status.success()
    );
    let pixels = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
    assert!(pixels("many/digits-sample-004.png") == pixels("alone/digits-sample-000.png"));
}

/// Two runs by the shell are equal bytes; a broken-off one goes on to the same bytes.
#[test]
fn training_by_the_shell_is_reproducible_and_resumes() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let data = few_digits(folder.path());
    let train = |out: &str, more: &[&str]| {
        let out = at(out);
        let mut arguments = vec![
            "digits-train",
            "--data",
            &data,
            "--kind",
            "class",
            "--hidden",
            "4",
            "--batch",
            "8",
            "--epochs",
            "2",
            "--steps",
            "3",
            "--out",
            &out,
            "--json",
        ];
        arguments.extend(more);
        let output = lab(&arguments);
        assert!(output.status.success(), "{}", stderr(&output));
        String::from_utf8(output.stdout).unwrap()
    };
    let said = train("whole", &[]);
    let events: Vec<Value> = said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |name: &str| events.iter().filter(|event| event["event"] == name).collect::<Vec<_>>();
    assert_eq!((of("trained").len(), of("sheet").len()), (10, 2));
    assert!(of("trained")[9]["left_secs"].as_f64() == Some(0.0) && of("trained")[3]["loss"].as_f64().unwrap() > 0.0);
    for name in ["epoch-001.png", "epoch-002.png", "metrics.csv", "result.json", "resume.safetensors"] {
        assert!(folder.path().join("whole").join(name).is_file(), "{name}");
    }
    train("part", &["--max-steps", "7"]);
    let resume = at("part/resume.safetensors");
    let out = at("part");
    let output =
        lab(&["digits-train", "--data", &data, "--kind", "class", "--resume", &resume, "--steps", "3", "--out", &out]);
    assert!(output.status.success(), "{}", stderr(&output));
    let bytes = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
    assert!(bytes("whole/checkpoint.safetensors") == bytes("part/checkpoint.safetensors"));
    assert!(bytes("whole/epoch-002.png") == bytes("part/epoch-002.png"));
    let losses = |name: &str| -> Vec<String> {
        let text = String::from_utf8(bytes(name)).unwrap();
        text.lines().map(|line| line.rsplit_once(',').unwrap().0.to_owned()).collect()
    };
    assert_eq!(losses("whole/metrics.csv"), losses("part/metrics.csv"));
    assert_eq!(losses("whole/metrics.csv")[0], "step,epoch,loss,lr");
    refuses(
        &["digits-train", "--data", &data, "--resume", &resume, "--batch", "16", "--out", &out],
        2,
        &["batch 8", "leave it out"],
    );
    // A checkpoint begins a new run.
    let init = at("whole/checkpoint.safetensors");
    train("more", &["--init", &init, "--max-steps", "1"]);
    let first = |name: &str| losses(name)[1].clone();
    assert_ne!(first("more/metrics.csv"), first("whole/metrics.csv"));
}

/// Pause saves and waits, another rate is taken, cancel saves and ends.
#[test]
fn a_training_job_pauses_and_cancels_with_its_state_saved() {
    let folder = tempfile::tempdir().unwrap();
    let data = few_digits(folder.path());
    let out = folder.path().join("out");
    let worker = Worker::spawn(Options::default(), || {}).unwrap();
    let id = worker.submit(Job {
        recipe: recipe(json!({
            "experiment": "digits-train", "data": data, "kind": "denoiser", "hidden": 4, "batch": 8, "epochs": 9999,
        })),
        destination: Destination::Folder { path: out.clone(), extras: Extras::default() },
    });
    let wait = |what: fn(&What) -> bool| loop {
        let event = worker.events().recv_timeout(std::time::Duration::from_secs(60)).unwrap().what;
        if let What::Failed(error) = &event {
            panic!("{error}");
        }
        if what(&event) {
            return event;
        }
    };
    wait(|what| matches!(what, What::Trained(_)));
    worker.set_learning_rate(id, 7e-5);
    worker.pause(id, true);
    wait(|what| matches!(what, What::Paused(true)));
    assert!(out.join("resume.safetensors").is_file() && out.join("checkpoint.safetensors").is_file());
    while worker.events().try_recv().is_ok() {}
    std::thread::sleep(std::time::Duration::from_millis(200));
    assert!(worker.events().try_recv().is_err(), "it goes on while it is paused");
    worker.pause(id, false);
    wait(|what| matches!(what, What::Paused(false)));
    let What::Trained(trained) = wait(|what| matches!(what, What::Trained(_))) else { panic!() };
    assert!((trained.point.learning_rate - 7e-5).abs() < 1e-6, "{}", trained.point.learning_rate);
    assert!(trained.pictures_per_sec > 0.0 && trained.progress.of == 5 * 9999);
    let before = std::fs::read(out.join("resume.safetensors")).unwrap();
    worker.cancel(id);
    wait(|what| matches!(what, What::Cancelled));
    assert!(std::fs::read(out.join("resume.safetensors")).unwrap() != before);
}

/// The sets that cannot be, the files that are something else: one line each.
#[test]
fn digit_verbs_refuse_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out").display().to_string();
    let class = checkpoint(folder.path(), Kind::Class);
    let time = checkpoint(folder.path(), Kind::Time);
    let denoiser = drawn(folder.path(), Kind::Denoiser);
    let sample = |checkpoint: &str, more: &[&str], code: i32, wanted: &[&str]| {
        let mut arguments = vec!["digits-sample", "--checkpoint", checkpoint, "--out", &out];
        arguments.extend(more);
        refuses(&arguments, code, wanted);
    };
    sample(&class, &["--kind", "time"], 2, &["kind `class`, not `time`"]);
    sample(&denoiser, &[], 2, &["does not take a `denoiser` network", "flow-class"]);
    sample(&class, &["--classes", "12a"], 2, &["`12a`", "31415"]);
    sample(&time, &["--classes", "12"], 2, &["told no class"]);
    sample(&class, &["--sampler", "euler"], 2, &["euler is for flow"]);
    sample(&class, &["--steps", "301"], 2, &["301 steps", "1 to 300"]);
    sample("/no/such.safetensors", &[], 1, &["/no/such.safetensors"]);
    let train = |more: &[&str], code: i32, wanted: &[&str]| {
        let mut arguments = vec!["digits-train", "--out", &out];
        arguments.extend(more);
        refuses(&arguments, code, wanted);
    };
    train(&["--kind", "gan"], 2, &["gan", "flow-class"]);
    train(&["--data", "/no/such"], 1, &["/no/such"]);
    train(&["--kind", "class", "--hidden", "8", "--init", &class], 2, &["D 4", "D 8"]);
    train(&["--resume", &class], 1, &["no run to take up", "--init"]);
    refuses(&["digits-denoise", "--checkpoint", &class, "--out", &out], 2, &["does not take a `class` network"]);
    refuses(&["digits-noise", "--pick", "10000", "--out", &out], 2, &["10000", "9999"]);
    refuses(&["digits-score", "--classifier", &class, "--samples", &out, "--out", &out], 2, &["not `classifier`"]);
}

/// Noise rows, denoised rows, the mean digit, and scores: they write what they say.
#[test]
fn the_other_verbs_write_what_they_say() {
    let folder = tempfile::tempdir().unwrap();
    let data = few_digits(folder.path());
    let at = |name: &str| folder.path().join(name).display().to_string();
    let go = |arguments: &[&str], out: &str| -> Value {
        let out = at(out);
        let mut all = arguments.to_vec();
        all.extend(["--data", &data, "--out", &out, "--quiet"]);
        let output = lab(&all);
        assert!(output.status.success(), "{}", stderr(&output));
        serde_json::from_str(&std::fs::read_to_string(Path::new(&out).join("result.json")).unwrap()).unwrap()
    };
    let result = go(&["digits-noise"], "noise");
    assert!(result["files"].as_array().unwrap().contains(&json!("digits-noise-006.png")));
    let noised = diffusion_lab::pictures::load(&folder.path().join("noise/digits-noise-000.png")).unwrap();
    let mnist = diffusion_lab::datasets::Dataset::open("mnist").unwrap();
    assert!(noised.pixels().map(|p| p[0]).eq(mnist.test.picture(0).iter().copied()), "σ 0 is the digit itself");
    let denoiser = drawn(folder.path(), Kind::Denoiser);
    let result = go(&["digits-denoise", "--checkpoint", &denoiser, "--pick", "3,5", "--sigma", "0.5,1"], "denoise");
    assert_eq!(result["measures"].as_object().unwrap().len(), 4);
    assert!(result["measures"]["digits-denoise-003"]["noisy"]["mse"].as_f64().unwrap() > 0.5);
    let mean = drawn(folder.path(), Kind::NoiseDenoiser);
    let result = go(&["digits-denoise", "--checkpoint", &mean], "mean");
    assert!(result["measures"]["digits-denoise-002"]["mse_to_mean_digit"].as_f64().unwrap() > 0.0);
    let (class, classifier) = (checkpoint(folder.path(), Kind::Class), drawn(folder.path(), Kind::Classifier));
    let score = ["digits-score", "--checkpoint", &class, "--classifier", &classifier, "--steps", "2", "--count", "2"];
    let drawn_now = go(&score, "score");
    assert_eq!(drawn_now["measures"]["samples"], 20);
    let sample = lab(&[
        "digits-sample",
        "--checkpoint",
        &class,
        "--steps",
        "2",
        "--count",
        "2",
        "--out",
        &at("samples"),
        "--quiet",
    ]);
    assert!(sample.status.success(), "{}", stderr(&sample));
    let from_folder = go(&["digits-score", "--classifier", &classifier, "--samples", &at("samples")], "score-2");
    for key in ["accuracy", "frechet_distance", "frechet_floor_train_test"] {
        assert_eq!(drawn_now["measures"][key], from_folder["measures"][key], "{key}");
    }
    assert!(
        from_folder["measures"]["frechet_distance"].as_f64()
            > from_folder["measures"]["frechet_floor_train_test"].as_f64()
    );
    // The score is said, too: in the window that is where it is seen.
    let (samples, out) = (at("samples"), at("score-3"));
    let told =
        lab(&["digits-score", "--classifier", &classifier, "--samples", &samples, "--data", &data, "--out", &out]);
    assert!(stderr(&told).contains("% read as asked, Fréchet distance"), "{}", stderr(&told));
}

/// Every row of part B is in the list.
#[test]
fn every_row_of_part_b_is_a_preset() {
    let rows: Vec<&str> = EXPERIMENTS
        .iter()
        .filter(|experiment| experiment.verb.starts_with("digits-"))
        .flat_map(|experiment| experiment.presets)
        .map(|preset| preset.name)
        .collect();
    for row in ["b1.1", "b1.2", "b1.3", "b2.1", "b2.2", "b2.3"] {
        assert!(rows.contains(&row), "{row} in {rows:?}");
    }
}

/// Killed at any moment, the files are whole, and the run goes on from the last end of an epoch.
#[test]
fn a_killed_run_leaves_whole_files_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let data = few_digits(folder.path());
    let out = folder.path().join("out");
    let (out_text, resume) = (out.display().to_string(), out.join("resume.safetensors").display().to_string());
    let mut reached = 0;
    for wait in [0, 37, 110, 60, 5] {
        let mut arguments =
            vec!["digits-train", "--data", &data, "--kind", "denoiser", "--out", &out_text, "--quiet", "--json"];
        match reached {
            0 => arguments.extend(["--hidden", "2", "--batch", "8", "--epochs", "5000"]),
            _ => arguments.extend(["--resume", &resume]),
        }
        let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_diffusion-lab"))
            .args(&arguments)
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        // After the first end of an epoch, at any moment.
        let mut lines = std::io::BufRead::lines(std::io::BufReader::new(child.stdout.take().unwrap()));
        assert!(lines.any(|line| line.unwrap().contains("\"sheet\"")), "the run ended by itself");
        std::thread::sleep(std::time::Duration::from_millis(wait));
        child.kill().unwrap();
        child.wait().unwrap();
        drop(lines);
        let saved = diffusion_lab::training::Saved::open(Path::new(&resume)).unwrap();
        assert!(saved.steps() > reached, "{} steps after {reached}", saved.steps());
        reached = saved.steps();
        Network::load(&out.join("checkpoint.safetensors"), &Device::Cpu).unwrap();
    }
}

/// What cannot be written does not end training: it is said, and the failure is the job's in the end.
#[test]
fn training_goes_on_when_nothing_can_be_saved() {
    let folder = tempfile::tempdir().unwrap();
    let data = few_digits(folder.path());
    let out = folder.path().join("out");
    std::fs::create_dir_all(out.join("resume.safetensors/in the way")).unwrap();
    let output = lab(&[
        "digits-train",
        "--data",
        &data,
        "--kind",
        "denoiser",
        "--hidden",
        "2",
        "--batch",
        "8",
        "--epochs",
        "2",
        "--out",
        &out.display().to_string(),
    ]);
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert_eq!(said.matches("not saved, training goes on").count(), 2, "{said}");
    assert!(said.lines().last().unwrap().contains("resume.safetensors"), "{said}");
    assert!(out.join("epoch-002.png").is_file());
}
